"""Which form is shown to whom: to those alone who may send what it asks for. What that needs is the API's to say."""

from __future__ import annotations

from typing import Final

from flask import g, request

from api.operations import operation_called

FORMS: Final = {
    "applications.new": "applications.apply_configuration",
    "blocks.lift": "blocks.lift_block",
    "calls.hang_up": "calls.end_call",
    "cores.confirm_remove": "cores.remove_core",
    "cores.confirm_switch": "cores.change_core",
    "cores.edit": "cores.change_core",
    "cores.new": "cores.add_core",
    "credential_ending.ask_first": "bindings.remove_binding",
    "credential_ending.end": "bindings.remove_binding",
    "credentials.delete": "credentials.delete_credential",
    "credentials.disable": "credentials.change_credential",
    "credentials.edit": "credentials.change_credential",
    "credentials.enable": "credentials.change_credential",
    "credentials.end_grace": "credentials.end_grace",
    "credentials.new": "credentials.create_credential",
    "credentials.rotate": "credentials.rotate_credential",
    "domains.asking_to_remove": "domains.remove_domain",
    "domains.edit": "domains.change_domain",
    "domains.new": "domains.add_domain",
    "keys.ask_revoke": "keys.revoke_key",
    "keys.new": "keys.create_key",
    "lists.confirm_remove": "user-agents.remove_user_agent",
    "lists.new": "user-agents.add_user_agent",
    "numbers.change": "numbers.change_number",
    "numbers.confirm_delete": "numbers.delete_number",
    "numbers.edit": "numbers.change_number",
    "numbers.new": "numbers.create_number",
    "regions.asking_to_remove": "regions.remove_region",
    "regions.choose_state": "regions.change_region",
    "regions.edit": "regions.change_region",
    "regions.new": "regions.add_region",
    "tenants.asking_to_delete": "tenants.delete_tenant",
    "tenants.edit": "tenants.change_tenant",
    "tenants.new": "tenants.create_tenant",
    "users.ask_delete": "users.delete_user",
    "users.ask_password": "users.reset_password",
    "users.edit": "users.change_user",
    "users.new": "users.create_user",
    "zones.asking_to_store": "zones.store_zone",
}
"""Operations of the API, by the portal's pages that ask before them."""


def check_form() -> None:
    """Errors: Refusal (403) when the request at hand is for a form whose sender may not send it."""
    asked = FORMS.get((request.endpoint or "").removeprefix("portal."))
    if asked and (access := operation_called(asked).access):
        g.principal.check(access)
