#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""sink.py LOG: an SMTP server on a free port of the loopback, for tests.

Prints the port, ends when its stdin does. Each message that it took is a line
of LOG: recipient, envelope sender, Message-ID, with tabs between, and it stands
in LOG.N as it came. The local part of a recipient says what becomes of it:

    reject...  550 at RCPT
    temp...    451 at RCPT
    drop...    taken, but the line is cut before the answer

Needs aiosmtpd (Debian: python3-aiosmtpd).
"""
import asyncio
import email
import os
import sys

from aiosmtpd.smtp import SMTP


class Sink:
    def __init__(self, log):
        self.log = log
        self.taken = 0

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith("reject"):
            return "550 5.1.1 no such user"
        if address.startswith("temp"):
            return "451 4.7.1 try again later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.taken += 1
        with open(f"{self.log}.{self.taken}", "wb") as f:
            f.write(envelope.content)
        message = email.message_from_bytes(envelope.content)
        with open(self.log, "a", encoding="utf-8") as f:
            for rcpt in envelope.rcpt_tos:
                fields = rcpt, envelope.mail_from, message["Message-ID"]
                f.write("\t".join(fields) + "\n")
            f.flush()
            os.fsync(f.fileno())
        if any(r.startswith("drop") for r in envelope.rcpt_tos):
            server.transport.abort()
        return "250 2.0.0 taken"


async def main(log):
    loop = asyncio.get_running_loop()
    over = asyncio.Event()
    sink = Sink(log)
    server = await loop.create_server(
        lambda: SMTP(sink, hostname="sink.example"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)

    def heard():
        if not os.read(0, 512):
            over.set()

    loop.add_reader(0, heard)
    await over.wait()
    server.close()


asyncio.run(main(sys.argv[1]))
