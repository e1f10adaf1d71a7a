# SPDX-License-Identifier: GPL-3.0-or-later
"""Stands in for the desktop's notification service: one line a notification, "summary: body", into the named file, and
"withdrawn" for each that is taken back."""

import sys

from gi.repository import Gio, GLib

INTERFACE = Gio.DBusNodeInfo.new_for_xml("""
<node><interface name="org.freedesktop.Notifications">
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
  <method name="GetServerInformation"><arg type="s" direction="out"/><arg type="s" direction="out"/>
    <arg type="s" direction="out"/><arg type="s" direction="out"/></method>
  <method name="Notify"><arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
    <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/></method>
  <method name="CloseNotification"><arg type="u" direction="in"/></method>
</interface></node>""").interfaces[0]


def called(_connection, _sender, _path, _interface, method, parameters, invocation):
    if method == "Notify":
        with open(sys.argv[1], "a", encoding="utf-8") as file:
            file.write(f"{parameters[3]}: {parameters[4]}\n")
        invocation.return_value(GLib.Variant("(u)", (1,)))
    elif method == "CloseNotification":
        with open(sys.argv[1], "a", encoding="utf-8") as file:
            file.write("withdrawn\n")
        invocation.return_value(None)
    elif method == "GetCapabilities":
        invocation.return_value(GLib.Variant("(as)", (["body", "actions"],)))
    elif method == "GetServerInformation":
        invocation.return_value(GLib.Variant("(ssss)", ("test", "test", "1", "1.2")))
    else:
        invocation.return_value(None)


def acquired(connection, _name):
    connection.register_object("/org/freedesktop/Notifications", INTERFACE, called, None, None)
    open(sys.argv[1], "a", encoding="utf-8").close()  # ready


Gio.bus_own_name(Gio.BusType.SESSION, "org.freedesktop.Notifications", Gio.BusNameOwnerFlags.NONE, acquired, None, None)
GLib.MainLoop().run()
