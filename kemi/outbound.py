"""INVITE of a proven sender (rules O). There is no core to send it to yet, and the answer says so."""

from typing import Final

from kemi.message import Request
from kemi.recorder import Recorder, Refusal
from kemi.replies import Reply, retry_after
from kemi.tables import Credential

NO_CORE_SECONDS: Final = 60


class Outbound:
    """Answers an INVITE whose sender has proved the password."""

    def __init__(self, recorder: Recorder) -> None:
        self._recorder = recorder

    def answer(self, request: Request, credential: Credential) -> Reply:
        """R3, then O6: without a core gateway every call is refused for later (rule R8)."""
        if request.device.is_phone:
            self._recorder.refused(Refusal(request, "R3", "phone", 403, credential=credential))
            return Reply(403)
        refusal = Refusal(request, "O6", "no_core", 503, credential=credential, retry_after=NO_CORE_SECONDS)
        self._recorder.refused(refusal)
        return Reply(503, (retry_after(NO_CORE_SECONDS),))
