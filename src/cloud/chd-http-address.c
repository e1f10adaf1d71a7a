/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A network address with two names: one to find it, one for TLS (server name indication and the check of the
 * certificate). libsoup takes the TLS name from the GNetworkAddress it connects to, so its "hostname" is the TLS name
 * and the enumerators are those of the real address. */

#include "config.h"

#include "chd-http-address.h"

struct _ChdHttpAddress
{
  GNetworkAddress parent_instance;

  GSocketConnectable *real; /* (owned) */
};

static void connectable_init (GSocketConnectableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (ChdHttpAddress,
                               chd_http_address,
                               G_TYPE_NETWORK_ADDRESS,
                               G_IMPLEMENT_INTERFACE (G_TYPE_SOCKET_CONNECTABLE, connectable_init))

static GSocketAddressEnumerator *
chd_http_address_enumerate (GSocketConnectable *connectable)
{
  return g_socket_connectable_enumerate (CHD_HTTP_ADDRESS (connectable)->real);
}

static GSocketAddressEnumerator *
chd_http_address_proxy_enumerate (GSocketConnectable *connectable)
{
  return g_socket_connectable_proxy_enumerate (CHD_HTTP_ADDRESS (connectable)->real);
}

static char *
chd_http_address_to_string (GSocketConnectable *connectable)
{
  return g_socket_connectable_to_string (CHD_HTTP_ADDRESS (connectable)->real);
}

static void
connectable_init (GSocketConnectableIface *iface)
{
  iface->enumerate = chd_http_address_enumerate;
  iface->proxy_enumerate = chd_http_address_proxy_enumerate;
  iface->to_string = chd_http_address_to_string;
}

static void
chd_http_address_finalize (GObject *object)
{
  g_clear_object (&CHD_HTTP_ADDRESS (object)->real);
  G_OBJECT_CLASS (chd_http_address_parent_class)->finalize (object);
}

static void
chd_http_address_class_init (ChdHttpAddressClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = chd_http_address_finalize;
}

static void
chd_http_address_init (ChdHttpAddress *self)
{
}

GSocketConnectable *
chd_http_address_new (const char *host, guint16 port, const char *tls_name)
{
  ChdHttpAddress *self = g_object_new (CHD_TYPE_HTTP_ADDRESS, "hostname", tls_name, "port", (guint) port, NULL);

  self->real = g_network_address_new (host, port);
  return G_SOCKET_CONNECTABLE (self);
}
