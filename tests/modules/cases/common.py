"""Inputs that several modules share, and the cases around them."""

from __future__ import annotations

from typing import Any

from ..suites import Case

KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TOPIC = "arn:aws:sns:eu-central-1:111122223333:companion-alarms"
IDENTITY: dict[str, Any] = {"name": "companion-test", "kms_key_arn": KEY}
ALARMED: dict[str, Any] = {**IDENTITY, "alarm_topic_arns": [TOPIC]}

IDENTITY_CASES = (
    Case("base", {}),
    Case("name_shortest", {"name": "abc"}),
    Case("name_longest", {"name": "a" * 24}),
    Case("name_too_short", {"name": "ab"}, "name must be 3 to 24"),
    Case("name_too_long", {"name": "a" * 25}, "name must be 3 to 24"),
    Case("name_upper_case", {"name": "Companion"}, "name must be 3 to 24"),
    Case("name_double_hyphen", {"name": "companion--test"}, "name must be 3 to 24"),
    Case("key_alias", {"kms_key_arn": "arn:aws:kms:eu-central-1:111122223333:alias/x"}, "kms_key_arn must be"),
    Case("key_id_only", {"kms_key_arn": "1234abcd-12ab-34cd-56ef-1234567890ab"}, "kms_key_arn must be"),
)

ALARM_CASES = (
    Case("no_topic", {"alarm_topic_arns": []}, "must hold 1 to 5 SNS topics"),
    Case("six_topics", {"alarm_topic_arns": [f"{TOPIC}-{n}" for n in range(6)]}, "must hold 1 to 5 SNS topics"),
    Case("topic_is_no_arn", {"alarm_topic_arns": ["companion-alarms"]}, "must hold ARNs of SNS topics"),
)

LOG_CASES = (
    Case("logs_for_a_year", {"log_retention_days": 365}),
    Case("logs_for_ever", {"log_retention_days": 0}, "log_retention_days must be one of"),
    Case("logs_for_31_days", {"log_retention_days": 31}, "log_retention_days must be one of"),
    Case("logs_for_two_years", {"log_retention_days": 731}, "log_retention_days must be one of"),
)
