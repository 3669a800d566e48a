/* SPDX-License-Identifier: MIT */
/*
 * How alike two words are: Jaro's similarity with Winkler's bonus for a common
 * beginning (W. E. Winkler, "String Comparator Metrics and Enhanced Decision
 * Rules in the Fellegi-Sunter Model of Record Linkage", 1990): weight 0.1, of
 * up to 4 characters, given above 0.7.
 */
#ifndef SCORE_SIMILAR_H
#define SCORE_SIMILAR_H

#include "base/str.h"

enum { SIMILAR_MAX = 64 }; /* characters of a word that are looked at */

/* 0 (nothing in common) to 1 (equal), of valid UTF-8, by characters. */
double similar_jaro_winkler(struct str a, struct str b);

#endif
