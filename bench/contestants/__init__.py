"""Who is run beside the hub: one file each, written as its own documentation would have it.

Each is a program that finds its broker and the simulated system in the environment. What they have
in common is the work itself, in `pipeline`: what the hub's model, its adapter and its schemas do.
"""
