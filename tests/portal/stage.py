"""A deployment in the middle of its life: registered PBXs, calls, refusals, a block; and 100,000 credentials more.

Wherever people or PBXs choose a text, it is one that would be a script if a page took it as markup.
"""

from typing import Any

from api.limits import ThresholdSettings
from api.settings import Settings
from tests.calls.carrier import Carrier
from tests.integration.api.server import connected
from tests.portal.people import new_person
from tests.sip.outgoing import OutgoingCall
from tests.sip.scripts import answers, refuses
from tests.sip.target import Credential
from tests.sip.waiting import until

MARKUP = "<img src=x onerror=alert(1)>\"'</script><script>alert(2)</script>"
CALLER = "'-alert(3)-'&lt;b&gt;"
"""As much of it as the user part of a SIP URI can hold (RFC 3261 section 25.1)."""
TENANT = "stage-1"
DOMAIN = "stage.example"
MORE_CREDENTIALS = 100_000
MANY = (
    "INSERT INTO credential (id, username, ha1, label, created_at)"
    " SELECT CONCAT('cr-m', LPAD(seq, 11, '0')), CONCAT('m', LPAD(seq, 11, '0')), REPEAT('0', 32),"
    " CONCAT('PBX ', seq), UTC_TIMESTAMP(3) - INTERVAL 1 DAY - INTERVAL seq SECOND FROM seq_1_to_%s"
)


class Stage:
    """`things` are the names that the paths of places hold in braces."""

    def __init__(self, carrier: Carrier) -> None:
        self.carrier = carrier
        self.api = carrier.service.api
        self.things: dict[str, str] = {"region": "nw1", "domain": DOMAIN, "tenant": TENANT}
        self._call: OutgoingCall | None = None
        self._make_names()
        self._register_and_call()
        self._block()
        self._apply()
        with connected(Settings.load(carrier.service.instance.home), "root") as cursor:
            cursor.execute(MANY, (MORE_CREDENTIALS,))

    def close(self) -> None:
        if self._call:
            self._call.hang_up()
            self._call.until_gone()
        with connected(Settings.load(self.carrier.service.instance.home), "root") as cursor:
            cursor.execute("DELETE FROM credential WHERE id LIKE 'cr-m00000%'")

    def _one(self, path: str, **body: Any) -> dict[str, Any]:
        return self.api.one("POST", path, body)

    def _make_names(self) -> None:
        self._one("/v1/tenants", account_id=TENANT, name=f"Stage {MARKUP}", contact=f"noc@stage.example {MARKUP}")
        self._one("/v1/domains", name=DOMAIN, name_servers=["ns1.carrier.example"], label=MARKUP)
        self._one(f"/v1/domains/{DOMAIN}/zones")
        made = self._one("/v1/credentials", label=f"Head office {MARKUP}", tenant=TENANT)
        self.credential = Credential(made["id"], made["username"], made["password"])
        number = self.carrier.number(made["username"], tenant=TENANT, label=MARKUP)
        key = self._one("/v1/keys", label=MARKUP, scope="read")
        person = new_person(self.carrier.service, "stage@tenant.example", "operate", TENANT)
        pattern = self._one("/v1/user-agents", kind="phone", pattern="Stagephone*", note=MARKUP)
        self.person = person
        core = self.api.rows("/v1/cores")[0]["id"]
        self.things |= {"credential": made["id"], "number": number, "key": key["id"], "user": person.id}
        self.things |= {"core": core, "pattern": pattern["id"]}

    def _register_and_call(self) -> None:
        pbx = self.carrier.pbx(credential=self.credential, user_agent=f"Asterisk PBX {MARKUP}")
        assert [answer.status for answer in pbx.register_everywhere()] == [200, 200]
        assert pbx.register().status == 429
        ended = pbx.call(self.carrier.subscriber(refuses(486)), caller=CALLER)
        ended.until_ended()
        self.things["cdr"] = self.carrier.cdr(ended.dial.call_id)["id"]
        call = until(lambda: self._answered(pbx), 10, "a call that the pace lets pass", 1.0)
        live = until(lambda: self.api.rows("/v1/calls", credential=self.credential.id), 10, "the call is reported")
        self._call, self.things["call"] = call, live[0]["id"]
        bindings = until(lambda: self.carrier.service.bindings(self.credential), 10, "the binding is reported")
        self.things["binding"] = bindings[0].id

    def _answered(self, pbx: Any) -> OutgoingCall | None:
        call: OutgoingCall = pbx.call(self.carrier.subscriber(answers()), caller=CALLER)
        until(lambda: call.answered or call.ended, 10, "an answer to a call")
        return call if call.answered else None

    def _block(self) -> None:
        """Rule B2: as many wrong passwords as a deployment allows, at once."""
        guessed = self.carrier.service.new_credential()
        phone = self.carrier.network.phone(
            self.carrier.service.regions[0], guessed.login, user_agent=f"guesser {MARKUP}"
        )
        for _ in range(ThresholdSettings().wrong_passwords):
            assert phone.wrong().status in (401, 429)
        phone.close()
        found = until(lambda: self.api.rows("/v1/blocks", credential=guessed.username), 10, "the block is reported")
        self.things |= {"block": found[0]["id"], "blocked": guessed.id}

    def _apply(self) -> None:
        """The configuration in force, once more: its application stays in the history."""
        asked = self._one("/v1/regions/nw1/applications", action="check")
        at = f"/v1/regions/nw1/applications/{asked['id']}"
        until(lambda: self.api.one("GET", at)["ended_at"], 60, "the check has ended", 0.2)
        self.things |= {"application": str(asked["id"]), "version": str(asked["version"])}
