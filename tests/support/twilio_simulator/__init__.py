"""Twilio for tests: its REST API, its webhooks and telephones that act by themselves.

Real are the client and the signature check, which are Twilio's own, and the wire: HTTP on loopback,
form bodies, Basic authentication. Simulated are the exchange, the people on the phones, and time.
The signer is our own, checked against the examples that Twilio has published.

    with running_simulator(Settings(speed=50), {HELPLINE: Number(voice_url=…)}) as twilio:
        twilio.phones[ADVISOR] = Phone(keys=("1",))               # accepts
        twilio.phones[LEAD] = Phone(ring=5, talk=30, is_lead=True)
        twilio.faults.append(Fault.HANG_CREATED)                  # of the next creation
        twilio.update_faults.append(Fault.ERROR)                  # of the next change
        twilio.read_faults.append(Fault.UNAVAILABLE)              # of the next look
        twilio.faults_to[LEAD].append(Fault.DROP)                 # of the next creation for them
        twilio.update_faults_to[LEAD].append(Fault.ERROR)         # of the next change of their call
        twilio.interrupt_at("/accept", desk.kill)                 # in the middle of a request
        twilio.set_fate(Chaos(seed=7, lose=0.2, repeat=0.4, late=0.5))
        …
        twilio.settle()
        assert twilio.list_problems(secrets=["Ada", LEAD]) == []

`tests/support/twilio_double.py` does only what it is told, for tests of one step; this is for what
comes of many.

Modules, from below: `scripts` (what a test says), `clock`, `wire` (journal, signed webhooks),
`legs`, `exchange` (ringing, status callbacks, answering machines), `documents` (TwiML as text),
`sounds`, `conferences`, `hearing` and `rooms` (who is with whom and hears what), `dialling`,
`recordings`, `performer` (TwiML acted out), `texts`; `rest` and `rest_*` (the API), `contract`
(parameters that Twilio's SDK does not know), `problems` (what must never be), `simulator`.

Time passes by `Settings.speed` and stands still while a webhook is answered, so a slow machine
makes a run longer and changes nothing in it. What the application does by itself afterwards takes
simulated time: `Settings.reaction` forgives it the silence meanwhile. A test that does several
things in one moment does them `with twilio.time_stopped()`. `running_desk(database, twilio)` rings
over this as over the double.

`list_problems` is empty when all of these hold:

1. no number rings on two outbound legs at once, no offer was answered on two calls;
2. a lead's leg was asked for only after an advisor in its conference had pressed a key, and no
   <Dial> rang anybody from a leg on which nobody had;
3. each webhook was answered with 2xx;
4. each leg and conference ended, nobody was left behind, nothing changed after its end;
5. nobody heard nothing for over two seconds, unless they had just been asked for a key, and no
   lead was in a conference without an advisor for over five, unless with music or on hold;
6. no machine spoke to a lead whom we called, or who had been in a conference, and none beeped;
7. no alert: an attribute or a parameter that Twilio does not know, a bad caller ID, a wrong type;
8. no secret in an address, a conference's name, a label, a document or a text of ours.

Not there: queues, speech, whole-call and conference recordings, SIP, 24 hours' expiry of the queue,
limits of concurrency, redirecting the called leg of a <Dial><Number>. What Twilio's documents leave
open is said in `rooms`, `dialling`, `rest_conferences` and `scripts.Settings`.
"""

from tests.support.twilio_simulator.conferences import Conference as Conference
from tests.support.twilio_simulator.legs import Leg as Leg
from tests.support.twilio_simulator.scripts import WITHHELD as WITHHELD
from tests.support.twilio_simulator.scripts import Chaos as Chaos
from tests.support.twilio_simulator.scripts import Fault as Fault
from tests.support.twilio_simulator.scripts import Number as Number
from tests.support.twilio_simulator.scripts import Phone as Phone
from tests.support.twilio_simulator.scripts import Settings as Settings
from tests.support.twilio_simulator.simulator import Simulator as Simulator
from tests.support.twilio_simulator.simulator import running_simulator as running_simulator
