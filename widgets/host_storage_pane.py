"""Disks, log folders and network interfaces."""

from core.model.views import Picture
from widgets.picture_pane import PicturePane
from widgets.present.host import disk_lines, folder_lines, network_lines
from widgets.present.line import BLANK, Line


class HostStoragePane(PicturePane):
    """What fills up, and how fast data moves."""

    def drawn(self, picture: Picture, width: int, height: int) -> tuple[Line, ...]:
        host = picture.snapshot.host
        disks = disk_lines(host, width, is_focused=self.has_focus)
        folders = folder_lines(host, width, picture.now)
        return (*disks, BLANK, *folders, BLANK, *network_lines(host, width))
