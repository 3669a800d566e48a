/* SPDX-License-Identifier: MIT */
/* The maps of lib/crm/presets, compiled in by the Makefile. */
#include "crm/import_map_int.h"

#define PRESET_TEXT(name) extern const unsigned char preset_##name[];
PRESET_TEXT(google)
PRESET_TEXT(google_legacy)
PRESET_TEXT(outlook)
PRESET_TEXT(outlook_new)
PRESET_TEXT(linkedin)
PRESET_TEXT(hubspot)
PRESET_TEXT(salesforce)
PRESET_TEXT(shopify_orders)
PRESET_TEXT(shopify_customers)
PRESET_TEXT(woocommerce)
PRESET_TEXT(stripe)
PRESET_TEXT(maven)
PRESET_TEXT(hledger)
#undef PRESET_TEXT

#define TEXT(name) ((const char *)preset_##name)
#define N_(s) s
const struct preset presets[] = {
	{ "google", N_("contacts of Google, as exported since 2024"),
	    TEXT(google) },
	{ "google-legacy", N_("contacts of Google, as exported before 2024"),
	    TEXT(google_legacy) },
	{ "outlook", N_("contacts of Outlook, and of Google for Outlook"),
	    TEXT(outlook) },
	{ "outlook-new", N_("contacts of the new Outlook and outlook.com"),
	    TEXT(outlook_new) },
	{ "linkedin", N_("connections of LinkedIn"), TEXT(linkedin) },
	{ "hubspot", N_("contacts, companies or deals of HubSpot"),
	    TEXT(hubspot) },
	{ "salesforce", N_("contacts of Salesforce, exported or reported"),
	    TEXT(salesforce) },
	{ "shopify-orders", N_("orders of Shopify"), TEXT(shopify_orders) },
	{ "shopify-customers", N_("customers of Shopify"),
	    TEXT(shopify_customers) },
	{ "woocommerce", N_("orders of WooCommerce"), TEXT(woocommerce) },
	{ "stripe", N_("payments and refunds of Stripe's balance"),
	    TEXT(stripe) },
	{ "maven", N_("the public sales tables of Maven Analytics"),
	    TEXT(maven) },
	{ "hledger", N_("sales of hledger print -O csv"), TEXT(hledger) },
	{ NULL, NULL, NULL },
};
#undef N_
#undef TEXT

enum { FIT_MIN = 4 };

const struct preset *
preset_find(const char *name)
{
	for (const struct preset *p = presets; p->name; p++)
		if (strcmp(p->name, name) == 0)
			return p;
	return NULL;
}

/* How much of a header fits: all of it, or enough of one that is long. Of two
 * that know as much it is the one with less besides. */
const struct preset *
preset_fit(const struct schema *schema, const struct str *cell, size_t n)
{
	const struct preset *best = NULL;
	size_t most = 0, least = 0;

	for (const struct preset *p = presets; p->name; p++) {
		struct import_map *m = NULL;
		struct err none = ERR_INIT;
		size_t known, size;

		if (import_map_read(
			&m, str_of(p->text), p->name, schema, &none) < 0)
			continue;
		known = import_map_known(m, cell, n);
		size = import_map_size(m);
		import_map_free(&m);
		if (!known || (known < n && (known < FIT_MIN || known * 3 < n)))
			continue;
		if (known > most || (known == most && size < least)) {
			most = known;
			least = size;
			best = p;
		}
	}
	return best;
}
