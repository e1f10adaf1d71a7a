/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

#define CHD_TYPE_HTTP_ADDRESS (chd_http_address_get_type ())
G_DECLARE_FINAL_TYPE (ChdHttpAddress, chd_http_address, CHD, HTTP_ADDRESS, GNetworkAddress)

/* An address that is called @tls_name for TLS but found at @host. */
GSocketConnectable *chd_http_address_new (const char *host, guint16 port, const char *tls_name);

G_END_DECLS
