"""Who may sign in, and as what."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import User
from django.http import HttpRequest


class PersonAdmin(UserAdmin):
    """Who may sign in. Only a superuser makes, changes or removes superusers, and nobody their own groups."""

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and _may_touch(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_delete_permission(request, obj) and _may_touch(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        if _is_superuser(request):
            return super().get_readonly_fields(request, obj)
        own = ("groups", "is_staff") if obj is not None and obj.pk == request.user.pk else ()
        return ("is_superuser", "user_permissions", *own)


def _is_superuser(request: HttpRequest) -> bool:
    return isinstance(request.user, User) and request.user.is_superuser


def _may_touch(request: HttpRequest, obj: User | None) -> bool:
    return obj is None or not obj.is_superuser or _is_superuser(request)


admin.site.unregister(User)
admin.site.register(User, PersonAdmin)
