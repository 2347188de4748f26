"""The messages of the golden examples: one complete submission per service, one per kind.

All are marked as tests: a vendor may send them somewhere.
"""

from hub.model.downward import Downward
from tests.builders import (
    a_receipt_confirmation,
    a_reply,
    a_withdrawal,
    an_agreement_reply,
)
from tests.builders.complete import (
    complete_submission,
    free_movement_details,
    skilled_workers_details,
    title_details,
)
from tests.builders.complete_sponsorship import by_institution, by_private_host

SUBMISSIONS: dict[str, Downward] = {
    "employment": complete_submission(
        "employment", title_details("employment", application_reason="01")
    ),
    "family": complete_submission("family", title_details("family", application_reason="02")),
    "education": complete_submission(
        "education", title_details("education", application_reason="01")
    ),
    "protection": complete_submission(
        "protection", title_details("protection", application_reason="02")
    ),
    "conditions": complete_submission(
        "conditions",
        title_details(
            "conditions", residence_reason="05", condition_change="Wohnsitz in Musterstadt"
        ),
    ),
    "settlement": complete_submission(
        "settlement", title_details("settlement", residence_reason="03")
    ),
    "work_permission": complete_submission(
        "work_permission",
        title_details("work_permission", application_reason="07", residence_reason="04"),
    ),
    "free_movement": complete_submission("free_movement", free_movement_details()),
    "skilled_workers": complete_submission("skilled_workers", skilled_workers_details()),
    "sponsorship": complete_submission("sponsorship", by_private_host()),
    "sponsorship-institution": complete_submission("sponsorship", by_institution()),
}

FOLLOWING: dict[str, Downward] = {
    "reply": a_reply(documents=2, test=True),
    "withdrawal": a_withdrawal(test=True),
    "agreement_reply": an_agreement_reply(test=True),
    "receipt_confirmation": a_receipt_confirmation(test=True),
}

MESSAGES: dict[str, Downward] = SUBMISSIONS | FOLLOWING
