"""How a phone learns to trust the house's own authority: its certificate in a file, and the steps for each system.

The owner hands the file over from their own computer, by cable, memory stick or AirDrop; the door itself never serves it on plain
http. A paired phone can pass it on. Before trusting it, compare the fingerprint with the card's.

Source: support.apple.com/102390, support.google.com/pixelphone/answer/2844832, the systems' own settings.
"""

from typing import Final

STEPS: Final = """\
Trusting {name} on your devices
===============================

The file {file} is the certificate of your door's own authority. It can vouch for {name} and for nothing
else: no other site, no address. Its key was destroyed when it was made.

Fingerprint (SHA-256). Compare it with the one on the card before you trust the file:

{fingerprint}

Without these steps everything works but the icon on the home screen: your browser warns once, and you click through.

iPhone, iPad   Send yourself the file (AirDrop, or a cable). Open it: "Profile downloaded". Settings > General > VPN & Device
               Management > the profile > Install. Then Settings > General > About > Certificate Trust Settings: switch it on.
Android        Copy the file to the phone. Settings > Security & privacy > More > Encryption & credentials > Install a
               certificate > CA certificate > Install anyway, and choose the file. Android shows that the network "may be
               monitored": it says so for every such certificate. This one can vouch for your door alone.
Windows        Double-click the file > Install Certificate > Current User > Place all certificates in the following store >
               Trusted Root Certification Authorities.
macOS          Double-click the file: it opens in Keychain Access, keychain "login". Double-click the entry > Trust > When using
               this certificate: Always Trust.
Linux          Chrome, Chromium:  certutil -d sql:$HOME/.pki/nssdb -A -n doorward -t C,, -i {file}
               Firefox, on every system:  Settings > Privacy & Security > Certificates > View Certificates > Authorities > Import,
               and tick "Trust this CA to identify websites".

To take it back, remove the entry in the same place.
"""


def steps(name: str, file: str, fingerprint: str) -> str:
    """Return the steps as a text to print or keep beside the file.

    Args:
        name: the door's DNS name.
        file: what the certificate's file is called.
        fingerprint: as phones show it, pairs of hex digits with colons.
    """
    half = len(fingerprint) // 2 + 1
    rows = f"    {fingerprint[:half]}\n    {fingerprint[half:]}"
    return STEPS.format(name=name, file=file, fingerprint=rows)
