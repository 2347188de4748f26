"""The world around the hub on one machine: vendor systems, applicants, a private RabbitMQ.

For trying, demonstrating and testing. Nothing here is part of a running hub.
"""
