"""VL211 shared-propagation."""

from __future__ import annotations

from collections.abc import Iterator

from volint.api import (
    Container,
    Finding,
    Level,
    Mount,
    MountKind,
    Persona,
    Project,
    Rule,
    regex,
)

_MOUNTERS = regex(
    r"(?i)rclone|mergerfs|s3fs|goofys|sshfs|gcsfuse|blobfuse|davfs|juicefs|seaweedfs|zurg|cvmfs|glusterfs|csi|kubelet|k3s|rke|"
    r"kind|nfs|plexdrive|gocryptfs|encfs|ceph|lizardfs|moosefs|automount|autofs|node-?exporter|longhorn|portworx|weave|cilium|calico"
)


class SharedPropagation(Rule):
    """What a container mounts appears on the host.

    ## What it does
    Reports bind mounts with `shared` or `rshared` propagation.

    ## Why is this bad?
    Mounts pass both ways: what the container mounts below the path is mounted on the host, in its own file tree, and stays
    there when the container is gone. With the capability to mount it can put its own files where the host looks for its.

    ## Example
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - /mnt/pool:/mnt/pool:rshared
    ```
    ```compose bad
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - type: bind
            source: /mnt/pool
            target: /mnt/pool
            bind:
              propagation: shared
    ```
    ```shell bad
    docker run --mount type=bind,src=/mnt/pool,dst=/mnt/pool,bind-propagation=rshared registry.example.com/app:1
    ```

    Use instead:
    ```compose good
    services:
      app:
        image: registry.example.com/app:1
        volumes:
          - /mnt/pool:/mnt/pool:rslave
    ```
    ```shell good
    docker run --mount type=bind,src=/mnt/pool,dst=/mnt/pool,bind-propagation=rslave registry.example.com/app:1
    ```

    ## Exceptions
    - Containers whose business it is to mount file systems for the host (rclone, mergerfs, storage plug-ins ...), known by
      their name or because they are given `/dev/fuse`: a note for auditors.
    - `slave` and `rslave`, by which mounts only come in.

    ## Level
    Warning.

    ## References
    - Linux, mount_namespaces(7): propagation
    """

    code = "VL211"
    name = "shared-propagation"

    def check(self, project: Project) -> Iterator[Finding]:
        """Yield one finding for each mount."""
        for container, mount in project.mounts(MountKind.BIND):
            option = mount.options.get("propagation")
            if (
                option is None
                or option.value not in ("shared", "rshared")
                or mount.donor is not None
            ):
                continue
            expected = _mounts_for_the_host(container)
            yield self.finding(
                option.span,
                f"'{option.value}' lets '{container.name}' mount file systems into '{_path(mount)}' of the host",
                help="write 'rslave', by which mounts of the host still come in",
                level=Level.NOTE if expected else Level.WARNING,
                persona=Persona.AUDITOR if expected else Persona.REGULAR,
                container=container,
                mount=mount,
            )


def _path(mount: Mount) -> str:
    return mount.source.value if mount.source is not None else mount.target.value


def _mounts_for_the_host(container: Container) -> bool:
    if any(device.host.value == "/dev/fuse" for device in container.devices):
        return True
    image = container.image.value if container.image is not None else ""
    return bool(_MOUNTERS.search(f"{container.name} {image}"))
