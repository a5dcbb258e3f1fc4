"""A notification service that writes down what it is asked to show.

In its folder: `shown` gets one JSON line for each notification; `capabilities` (words) and `slow` (seconds) are read
at each call, so that a test can change them.
"""

import json
import pathlib
import sys
import time

import dbus
import dbus.mainloop.glib
import dbus.service
from gi.repository import GLib

FOLDER = pathlib.Path(sys.argv[1])
NAME = "org.freedesktop.Notifications"


def setting(name, otherwise):
    path = FOLDER / name
    return path.read_text() if path.exists() else otherwise


class Notifications(dbus.service.Object):
    @dbus.service.method(NAME, in_signature="", out_signature="as")
    def GetCapabilities(self):
        return dbus.Array(setting("capabilities", "body").split(), signature="s")

    @dbus.service.method(NAME, in_signature="susssasa{sv}i", out_signature="u")
    def Notify(self, application, _replaces, _icon, summary, body, _actions, hints, _timeout):
        time.sleep(float(setting("slow", "0")))
        shown = {
            "application": str(application),
            "title": str(summary),
            "body": str(body),
            "urgency": int(hints.get("urgency", -1)),
        }
        with open(FOLDER / "shown", "a", encoding="utf-8") as file:
            file.write(json.dumps(shown) + "\n")
        return dbus.UInt32(1)

    @dbus.service.method(NAME, in_signature="", out_signature="ssss")
    def GetServerInformation(self):
        return ("written down", "frontdesk", "1", "1.2")


dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
bus = dbus.SessionBus()
name = dbus.service.BusName(NAME, bus)
Notifications(bus, "/org/freedesktop/Notifications")
GLib.MainLoop().run()
