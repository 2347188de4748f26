-- Run once, when the database is made: the hub owns its own database and nothing else.
\set password `cat /run/secrets/postgres_hub_password`
CREATE ROLE hub LOGIN PASSWORD :'password';
CREATE DATABASE hub OWNER hub;
REVOKE ALL ON DATABASE hub FROM PUBLIC;
REVOKE ALL ON DATABASE postgres FROM PUBLIC;
