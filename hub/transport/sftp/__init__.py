"""Exchange of files by SFTP: one ZIP for each message, answers fetched from a folder.

What the other side is asked to do: take only names that end in `.zip`, take each away once it
is safe, refuse none for being there twice (the name is the message's UUID), write its own
documents as `.tmp` and rename them to `.xml`, and offer `posix-rename@openssh.com`.

Imports nothing: who checks the settings of endpoints need not wait for asyncssh.
"""
