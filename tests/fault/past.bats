# SPDX-License-Identifier: MIT
# Random histories: what --as-of answers is what a copy answers that was taken
# at that moment.
load helper

after() {
	cp -r s "copy.$1"
	echo "$CRM_NOW" >"time.$1"
}

# look_back SEED N
look_back() {
	local i time
	rm -rf s copy.* time.*
	begin_history "$1"
	some_history "$2"
	for ((i = 1; i <= $2; i++)); do
		time=$(cat "time.$i")
		CRM_NOW=$time CRM_DB=$PWD/copy.$i everything >copied
		everything --as-of "$time" >now
		same copied now || { echo "as of $i, $time" && return 1; }
	done
	# The last moment is another one than the first.
	everything --as-of "$(cat time.1)" >first
	if cmp -s first now; then false; fi
	sound
}

@test "the past is what a copy of that time says" {
	needs crm-edit
	crm-find --help | grep -q -- --as-of || skip "there is no --as-of"
	local until rounds=0
	if soaking; then
		until=$((SECONDS + $(share 5 0)))
		while [ $SECONDS -lt $until ]; do
			look_back $RANDOM 24
			rounds=$((rounds + 1))
		done
		echo "# $rounds histories of 24" >&3
		return
	fi
	look_back $RANDOM 14
	look_back $RANDOM 14
}
