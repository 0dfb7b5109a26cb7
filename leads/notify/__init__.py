"""Telling people by mail: who is told what and when, in which words, and the sending.

Nothing here is in the path of a lead. Periodic looks compare how things stand with what was told already, so that a
crash loses nothing, and put mails into an outbox, the table of notices, so that a mail server that is down loses none.
"""
