# SPDX-License-Identifier: MIT
"""FN, EMAIL, TEL and UID of the shared cards, as crm-find reads them, against
what vobject reads: expected.py CORPORA.  Differences go to stdout."""
import collections
import json
import subprocess
import sys

# vobject cuts a text at a bare comma; FN is one text value (RFC 6350 6.2.1).
# Of a card without FN it gives none; we call it by its N.
OURS = {
    ("vcard/ez-vcard/John_Doe_GMAIL.vcf", "fn"):
        ["Mr. John Richter, James Doe Sr."],
    ("vcard/khard/test/fixture/vcards/nickname.vcf", "fn"):
        ["Michael Smith"],
}


def listed(record, label):
    value = record.get(label, [])
    return value if isinstance(value, list) else [value]


def main():
    top = sys.argv[1]
    with open(top + "/vcard/expected-vobject-0.9.6.1.json") as f:
        expected = json.load(f)
    files = collections.OrderedDict()
    for card in expected:
        files.setdefault(card["file"], []).append(card)
    for name, cards in files.items():
        with open(top + "/" + name, "rb") as f:
            out = subprocess.run(
                ["crm-find", "-", "-i", "vcard", "-o", "json"], stdin=f,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                check=True).stdout
        records = [json.loads(line) for line in out.splitlines()]
        if len(records) != len(cards):
            print(name, len(records), "cards")
        for record, card in zip(records, cards):
            got = {
                "fn": listed(record, "name"),
                "email": listed(record, "email"),
                "tel": listed(record, "phone") + listed(record, "x.phone"),
                "uid": [key[6:] for key in listed(record, "ext")
                        if key.startswith("vcard/")],
            }
            for what, value in got.items():
                want = OURS.get((name, what), card[what])
                if value != want:
                    print(name, what, value, want)


main()
