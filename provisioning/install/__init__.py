"""A door onto a Raspberry Pi, from the owner's computer, over the owner's own ssh.

Theory of operation. A look at the Pi tells facts; facts and wishes make a plan, or a sentence that refuses. What the plan needs
is made here and carried over. Then one program works the plan off on the Pi, as a unit of its systemd: it needs the network no
more, so a connection that breaks breaks nothing, and whatever fails is undone by the same program. This computer only looks on.

    survey, plan      facts in, a plan or a refusal out: pure
    release           what is carried: our own wheel, the locked packages, units
    ssh               the owner's own ssh, and nothing else
    install           these, one after the other
    onpi/             what runs on the Pi: the standard library alone
"""
