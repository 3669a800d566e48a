/* SPDX-License-Identifier: MIT */
/*
 * Calls that nobody here makes. The Makefile forces this header into every
 * file, so it includes first the system headers that declare them: a poisoned
 * name may not appear after the pragma, not even in a system header.
 *
 * Instead: buf_* and snprintf for strings, base/num.h for numbers, gmtime_r
 * and base/date.h for time, mkostemp for files, base/str.h for ASCII classes
 * (those of <ctype.h> follow the locale and break on negative char).
 * lib/app alone sets the locale: the Makefile gives it, and the tests,
 * MAY_SETLOCALE.
 */
#ifndef BASE_BANNED_H
#define BASE_BANNED_H

#include <ctype.h>
#include <libintl.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>
#include <wchar.h>

/* Poisoning a macro warns; some are macros under some compilers. */
#undef isalnum
#undef isalpha
#undef isblank
#undef iscntrl
#undef isdigit
#undef isgraph
#undef islower
#undef isprint
#undef ispunct
#undef isspace
#undef isupper
#undef isxdigit
#undef sprintf
#undef stpcpy
#undef strcat
#undef strcpy
#undef strncat
#undef strncpy
#undef strtok
#undef tolower
#undef toupper
#undef vsprintf

#pragma GCC poison strcpy strcat stpcpy strncpy strncat sprintf vsprintf gets
#pragma GCC poison strtok atoi atol atoll atof strtol strtoll strtoul strtoull
#pragma GCC poison gmtime localtime ctime asctime mktemp tmpnam tempnam system
#pragma GCC poison popen isalnum isalpha isblank iscntrl isdigit isgraph
#pragma GCC poison islower isprint ispunct isspace isupper isxdigit tolower
#pragma GCC poison toupper

#ifndef MAY_SETLOCALE
#undef setlocale
#pragma GCC poison setlocale
#endif

#endif
