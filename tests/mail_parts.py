#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""mail_parts.py FILE|- ...: what Python's email package reads of mails.

A FILE that begins with "From " is an mbox. Of each mail the outline, a line
each: head fields of people and lists, then type, name and content of the
parts. Ends 1 where a mail has a defect, a line over 998 octets, or a byte
that is not ASCII.
"""
import email
import email.policy
import mailbox
import os
import sys

SHOWN = ("From", "To", "Cc", "Reply-To", "Subject", "List-Id", "Precedence",
         "Auto-Submitted", "List-Unsubscribe-Post")


def mails(path):
    if path == "-":
        yield sys.stdin.buffer.read()
        return
    with open(path, "rb") as f:
        data = f.read()
    if not data.startswith(b"From "):
        yield data
        return
    box = mailbox.mbox(path, create=False)
    for key in box.keys():
        yield box.get_bytes(key)


def all_defects(part, where):
    for d in part.defects:
        yield "%s: %r" % (where, d)
    for name, value in part.items():
        for d in getattr(value, "defects", ()):
            yield "%s: %s: %r" % (where, name, d)


def outline(part, depth, bad):
    kind = part.get_content_type()
    bad.extend(all_defects(part, kind))
    line = "  " * depth + kind
    if part.get_filename() is not None:
        line += " %s %s" % (part.get_content_disposition(), part.get_filename())
    if part["Content-Id"] is not None:
        line += " cid " + part["Content-Id"].strip()
    print(line)
    if part.is_multipart():
        for inner in part.iter_parts():
            outline(inner, depth + 1, bad)
        return
    content = part.get_content()
    if isinstance(content, str):
        for text in content.splitlines():
            print("  " * depth + "| " + text)
    else:
        print("  " * depth + "| %d bytes" % len(content))


def show(data, bad):
    for line in data.split(b"\n"):
        if len(line) > 998:
            bad.append("a line of %d octets" % len(line))
        if not line.isascii():
            bad.append("not ASCII: %r" % line[:60])
    mail = email.message_from_bytes(data, policy=email.policy.default)
    for name in SHOWN:
        for value in mail.get_all(name, ()):
            print("%s: %s" % (name, value))
    for need in ("Date", "From", "Message-ID", "MIME-Version"):
        if len(mail.get_all(need, ())) != 1:
            bad.append("%d fields %s" % (len(mail.get_all(need, ())), need))
    if mail["Bcc"] is not None:
        bad.append("Bcc")
    for name in ("From", "To"):
        if mail[name] is not None and len(mail[name].addresses) != 1:
            bad.append("%s: %d addresses" % (name, len(mail[name].addresses)))
    outline(mail, 0, bad)


def main():
    bad = []
    for path in sys.argv[1:]:
        for data in mails(path):
            show(data, bad)
    for line in bad:
        print("defect: " + line, file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    os.environ.setdefault("PYTHONUTF8", "1")
    sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main())
