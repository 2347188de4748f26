"""The stages of a message's way, one file each; no stage knows another.

Every handler does the same four steps: read the row's state, do the one outside thing, commit
the new state with its journal events, publish what follows and acknowledge. A crash between
any two of them leaves something owed, and `dispatch` publishes it again when it is due.
"""
