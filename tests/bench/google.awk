# SPDX-License-Identifier: MIT
# The contacts of gen.awk -v as=tsv as Google exports them:
#
#	awk -f google.awk contacts.tsv
BEGIN {
	FS = "\t"
	print "First Name,Middle Name,Last Name,Phonetic First Name," \
	    "Phonetic Middle Name,Phonetic Last Name,Name Prefix," \
	    "Name Suffix,Nickname,File As,Organization Name," \
	    "Organization Title,Organization Department,Birthday,Notes," \
	    "Photo,Labels,E-mail 1 - Label,E-mail 1 - Value," \
	    "E-mail 2 - Label,E-mail 2 - Value,Phone 1 - Label," \
	    "Phone 1 - Value,Address 1 - Label,Address 1 - Formatted," \
	    "Address 1 - Street,Address 1 - City,Address 1 - PO Box," \
	    "Address 1 - Region,Address 1 - Postal Code," \
	    "Address 1 - Country,Address 1 - Extended Address," \
	    "Website 1 - Label,Website 1 - Value"
}

{
	labels = "* myContacts ::: " $13 ($14 == "" ? "" : " ::: " $14)
	birthday = $1 % 3 ? "" : sprintf("19%02d-%02d-%02d", 50 + $1 % 50,
	    $1 % 12 + 1, $1 % 28 + 1)
	street = "Calle " $4 ", " $1 % 200
	printf "%s,,%s,,,,,,,,Casa %d SL,%s,,%s,\"%s\",,%s,* Work,%s,Other,p%d@mail.example,Mobile,%s,Work,\"%s\n%s\",\"%s\",%s,,,%05d,Spain,,,\n",
	    $3, $4, $1 % 5003, $7, birthday, $15, labels, $5, $1, $6, street,
	    $8, street, $8, $1 % 52999
}
