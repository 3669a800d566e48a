#!/bin/sh
# SPDX-License-Identifier: MIT
# demo.sh [BIN]: the main job on the sample data, in a store of its own that
# goes when the demo ends. Nothing of yours is read or written.
set -eu
cd "$(dirname "$0")/.."

bin=$(cd "${1:-build/bin}" && pwd)
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

PATH=$bin:$PATH
HOME=$home
export PATH HOME
# The samples are of early 2026: the demo's clock stands there too.
export CRM_NOW=2026-03-02T09:00:00Z
unset CRM_DB CRM_CONFIG XDG_DATA_HOME XDG_CONFIG_HOME XDG_STATE_HOME XDG_CACHE_HOME

# A table takes the width of the terminal; off one it would take all it needs.
[ -t 1 ] || export COLUMNS="${COLUMNS:-80}"

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM:-dumb}" != dumb ]; then
	bold=$(printf '\033[1m') plain=$(printf '\033[0m')
fi

# show COMMAND: print it as it is typed, then run it. Tables, as on a terminal.
show() {
	printf '\n%s$ %s%s\n' "$bold" "$1" "$plain"
	sh -c "$1"
}

# refused COMMAND: the same, and it must fail.
refused() {
	if show "$1"; then
		echo "demo.sh: that should have been refused" >&2
		exit 1
	fi
}

# load COMMAND: as show; its notes say what was stored, the records that it
# prints are too many to show.
load() {
	printf '%s$ %s%s\n' "$bold" "$1" "$plain"
	sh -c "${1%% *} --verbose ${1#* }" >/dev/null
}

echo 'Sample data goes into a fresh store; no init, no config.'
echo
load 'crm-import company examples/companies.csv'
load 'crm-import examples/contacts.csv'
load 'crm-import product examples/products.csv --key sku'
load 'crm-import deal examples/deals.csv'
load 'crm-log order - <examples/orders.ltsv'
load 'crm-log - <examples/activities.ltsv'
load 'crm-add task - <examples/tasks.ltsv'
load 'crm-add case - <examples/cases.ltsv'

show 'crm-find ibanez -o table        # accents and case hide nobody'
show 'crm-find stage:customer -s -revenue -l 5 -o table \
    -F id,name,company,revenue,last_order'
show "crm-find -c 'has(order item:A-300)' not tag:press last_contact:..-90d"
show "crm-log call lucia@faro.es 'wants a quote, 40 seats' \\
    --next 'friday send the quote' -o table -F kind,contact,body,title,due"
show 'crm-show lucia@faro.es -o table # one view'
show "crm-find stage:customer -o value -F city | sort | uniq -c | sort -rn | head -n 3"
show "crm-find tag:vip revenue:1500.. -o json -F name,email,revenue"
show 'crm-merge --find -o table -F name,_name,_score,_reason  # who stands there twice'
refused 'crm-find stgae:lead          # a misspelt name is never an empty answer'

printf '\nThat was a store in %s; it is gone now. Yours begins with:\n' "$home"
printf '  crm-add contact name:%s email:you@example.org\n' "'Your Name'"
