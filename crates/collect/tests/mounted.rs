//! A directory as the root of a mounted disk.

mod common;

use common::{Disk, known, skipped};
use sshwhy_collect::{LiveWorld, Options};
use sshwhy_world::build::Version;
use sshwhy_world::{Civil, Cred, Errno, Fact, Kind, Reader, Vendor, World, read_all, resolve};

fn text(world: &LiveWorld, path: &str, reader: Reader<'_>) -> Result<Vec<u8>, Errno> {
    known(read_all(world, path.as_bytes(), reader, 1 << 20)).map(|(content, _)| content)
}

#[test]
fn links_are_shown_and_never_lead_out_of_the_root() {
    let disk = Disk::new();
    disk.link("etc/outside", "/etc/shadow");
    disk.link("etc/upwards", "../../../../../../etc/passwd");
    disk.link("dir", "/");
    disk.file("etc/passwd", "alice:x:1000:1000::/home/alice:/bin/sh\n");
    let world = disk.world();
    let node = known(world.lstat(b"/etc/outside")).unwrap();
    assert_eq!(node.kind, Kind::Link(b"/etc/shadow".to_vec()));
    // A link is no regular file, and a path through one is not followed.
    assert_eq!(
        text(&world, "/etc/outside", Reader::Root),
        Err(Errno::NotRegular)
    );
    assert!(text(&world, "/dir/etc/passwd", Reader::Root).is_err());
    let real = resolve::resolve(&world, b"/etc/upwards", None)
        .unwrap()
        .unwrap()
        .real;
    assert_eq!(real, b"/etc/passwd");
    let content = text(&world, "/etc/passwd", Reader::Root).unwrap();
    assert!(content.starts_with(b"alice:"));
    let gone = resolve::resolve(&world, b"/etc/outside", None)
        .unwrap()
        .unwrap_err();
    assert_eq!(
        gone.errno,
        Errno::NotFound,
        "the disk has no shadow file; this machine's is not it"
    );
}

#[test]
fn accounts_and_shadow_come_from_the_disk_alone() {
    let disk = Disk::new();
    disk.file(
        "etc/passwd",
        "root:x:0:0::/root:/bin/sh\nalice:x:1000:100::/home/alice:\n",
    );
    disk.file("etc/group", "users:x:100:\nwheel:x:10:bob,alice\n");
    disk.file("etc/shadow", "alice:!$6$abc:20000:0:99999:7::20500:\n");
    disk.file("etc/nsswitch.conf", "passwd: sss ldap\n");
    let world = disk.world();
    let alice = known(world.account(b"alice")).unwrap();
    assert_eq!(
        (alice.uid, alice.effective_shell()),
        (1000, &b"/bin/sh"[..])
    );
    assert_eq!(known(world.account(b"nobody")), None);
    assert_eq!(known(world.accounts()).len(), 2);
    assert_eq!(known(world.groups_of(&alice)), [100, 10]);
    assert_eq!(known(world.group(10)).unwrap().members.len(), 2);
    assert_eq!(known(world.shadow(b"alice")).unwrap().expire, 20500);
    assert_eq!(known(world.shadow(b"root")), None);
    assert_eq!(known(world.daemon()), None);
}

#[test]
fn fifos_devices_and_names_with_nul_are_not_opened() {
    let disk = Disk::new();
    disk.fifo("fifo");
    let world = disk.world();
    assert_eq!(text(&world, "/fifo", Reader::Root), Err(Errno::NotRegular));
    assert_eq!(known(world.lstat(b"/fifo")).unwrap().kind, Kind::Fifo);
    assert_eq!(text(&world, "/", Reader::Root), Err(Errno::NotRegular));
    assert_eq!(known(world.lstat(b"/a\0b")), Err(Errno::NotFound));
    let long = [b"/".as_slice(), &[b'x'; 300]].concat();
    assert_eq!(known(world.lstat(&long)), Err(Errno::NameTooLong));
    if disk.device("zero", 1, 5) {
        let world = disk.world();
        assert_eq!(text(&world, "/zero", Reader::Root), Err(Errno::NotRegular));
        assert_eq!(known(world.lstat(b"/zero")).unwrap().kind, Kind::CharDevice);
    } else {
        skipped("a device node: only root may make one");
    }
}

#[test]
fn a_huge_file_is_handed_on_in_chunks_and_left_when_enough_is_seen() {
    let disk = Disk::new();
    disk.sparse("huge", 10 << 30);
    let world = disk.world();
    let (mut seen, mut most) = (0usize, 0usize);
    let answer = world.read(b"/huge", Reader::Root, &mut |chunk| {
        seen += chunk.len();
        most = most.max(chunk.len());
        seen < 8 << 20
    });
    assert_eq!(answer, Fact::Known(Ok(())));
    assert!(seen < 10 << 20 && most <= 1 << 20, "{seen} {most}");
}

#[test]
fn an_account_that_may_stand_behind_what_is_read_is_not_unknown() {
    let disk = Disk::new();
    disk.sparse("etc/passwd", 10 << 30);
    disk.sparse("etc/shadow", 10 << 30);
    let world = disk.world();
    assert!(matches!(world.account(b"alice"), Fact::Unknown(_)));
    assert!(matches!(world.shadow(b"alice"), Fact::Unknown(_)));
}

#[test]
fn a_file_is_read_with_the_users_own_rights() {
    if !rustix::process::geteuid().is_root() {
        return skipped("reading as another user: not root");
    }
    let disk = Disk::new();
    disk.file("home/keys", "of uid 65534\n");
    disk.own("home/keys", 65534, 65534, 0o600);
    disk.file("home/roots", "secret\n");
    disk.file("home/groups", "of group 4242\n");
    disk.own("home/groups", 0, 4242, 0o640);
    disk.file("closed/keys", "behind a closed directory\n");
    disk.own("closed/keys", 65534, 65534, 0o644);
    disk.own("closed", 0, 0, 0o700);
    disk.own("home/roots", 0, 0, 0o600);
    let world = disk.world();
    let nobody = Cred {
        uid: 65534,
        gid: 65534,
        groups: vec![65534],
    };
    let member = Cred {
        uid: 65533,
        gid: 65533,
        groups: vec![65533, 4242],
    };
    let read = |path, cred| text(&world, path, Reader::User(cred));
    assert_eq!(read("/home/keys", &nobody).unwrap(), b"of uid 65534\n");
    assert_eq!(read("/home/keys", &member), Err(Errno::Denied));
    assert_eq!(read("/home/roots", &nobody), Err(Errno::Denied));
    assert_eq!(
        text(&world, "/home/roots", Reader::Root).unwrap(),
        b"secret\n"
    );
    assert_eq!(
        read("/home/roots", &nobody),
        Err(Errno::Denied),
        "kept content is not shown"
    );
    assert_eq!(read("/home/groups", &member).unwrap(), b"of group 4242\n");
    assert_eq!(read("/home/groups", &nobody), Err(Errno::Denied));
    assert_eq!(read("/closed/keys", &nobody), Err(Errno::Denied));
    assert!(
        rustix::process::geteuid().is_root(),
        "this process is who it was"
    );
}

#[test]
fn each_file_is_read_once() {
    let disk = Disk::new();
    disk.file("etc/passwd", "a:x:1:1::/:\n");
    let world = disk.world();
    assert!(known(world.account(b"a")).is_some());
    assert_eq!(
        text(&world, "/etc/passwd", Reader::Root).unwrap(),
        b"a:x:1:1::/:\n"
    );
    disk.file("etc/passwd", "b:x:1:1::/:\n");
    assert!(known(world.account(b"a")).is_some());
    assert_eq!(
        text(&world, "/etc/passwd", Reader::Root).unwrap(),
        b"a:x:1:1::/:\n"
    );
}

#[test]
fn the_server_is_told_from_the_package_database() {
    let version = |release: &str, database: &str, content: &str| {
        let disk = Disk::bare();
        disk.file("etc/os-release", release);
        disk.file("usr/sbin/sshd", "binary");
        disk.file(database, content);
        LiveWorld::new(disk.options()).map(|w| w.build().clone())
    };
    let status = "Package: openssh-server-extra\nVersion: 1\n\nPackage: openssh-server\n\
                  Status: install ok installed\nVersion: 1:9.2p1-2+deb12u7\n\nPackage: x\n";
    let debian = version(
        "ID=debian\nVERSION_ID=\"12\"\n",
        "var/lib/dpkg/status",
        status,
    )
    .unwrap();
    assert_eq!(
        (debian.name.as_str(), debian.vendor),
        ("debian-12", Vendor::Debian)
    );
    assert_eq!(debian.banner, "OpenSSH_9.2p1 Debian-2+deb12u7");
    let ubuntu = "Package: openssh-server\nStatus: install ok installed\n\
                  Version: 1:9.6p1-3ubuntu13.5\n";
    let ubuntu = version(
        "ID=ubuntu\nID_LIKE=debian\nVERSION_ID=24.04\n",
        "var/lib/dpkg/status",
        ubuntu,
    );
    assert_eq!(ubuntu.as_ref().unwrap().name, "ubuntu-24.04");
    assert_eq!(ubuntu.unwrap().banner, "OpenSSH_9.6p1 Ubuntu-3ubuntu13.5");
    let apk = "P:openssh-client\nV:1_p1-r0\n\nP:openssh-server\nV:9.7_p1-r4\n\n";
    let alpine = version("ID=alpine\n", "lib/apk/db/installed", apk).unwrap();
    assert_eq!(
        (alpine.version, alpine.vendor),
        (Version(9, 7, 1), Vendor::Alpine)
    );
    let arch = version("ID=arch\n", "var/lib/pacman/local/openssh-9.9p2-1/desc", "").unwrap();
    assert_eq!(
        (arch.version, arch.vendor),
        (Version(9, 9, 2), Vendor::Arch)
    );
    let removed = status.replace("install ok installed", "deinstall ok config-files");
    let none = version("ID=debian\n", "var/lib/dpkg/status", &removed);
    assert!(none.is_err());
}

#[test]
fn the_server_is_told_from_its_binary_where_no_package_is_known() {
    let disk = Disk::bare();
    disk.file(
        "etc/os-release",
        "ID=\"rocky\"\nID_LIKE=\"rhel centos\"\nVERSION_ID=\"9.4\"\n",
    );
    let mut binary = vec![b'x'; 512 * 1024 - 12];
    binary.extend_from_slice(b"\0OpenSSH_8.7\0OpenSSH_8.7p1\0OpenSSH_7.0*,OpenSSH_7.1*\0");
    binary.resize(2 << 20, 0);
    disk.file("usr/sbin/sshd", &binary);
    let world = disk.world();
    assert_eq!(
        (world.build().name.as_str(), world.build().vendor),
        ("rhel-9", Vendor::RedHat)
    );
    let disk = Disk::bare();
    disk.file("usr/local/sbin/sshd", "\0OpenSSH_10.0p2\0");
    disk.file("etc/os-release", "ID=debian\n");
    assert_eq!(
        disk.world().build().vendor,
        Vendor::Upstream,
        "built by hand"
    );
    let disk = Disk::bare();
    disk.file("usr/sbin/dropbear", "\0SSH-2.0-dropbear_2022.83\0");
    assert_eq!(disk.world().build().version, Version(2022, 83, 0));
    assert!(LiveWorld::new(Disk::bare().options()).is_err());
}

#[test]
fn local_time_is_the_disks() {
    let disk = Disk::new();
    let civil = Civil {
        year: 2026,
        month: 1,
        day: 15,
        hour: 12,
        minute: 0,
        second: 0,
    };
    assert_eq!(
        known(disk.world().local_time(civil)),
        civil.utc(),
        "no zone file: UTC"
    );
    // Version 1 of the format, no transitions, one type: five and a half hours east.
    let mut tzif = b"TZif".to_vec();
    tzif.extend_from_slice(&[0; 16]);
    for count in [0u32, 0, 0, 0, 1, 4] {
        tzif.extend_from_slice(&count.to_be_bytes());
    }
    tzif.extend_from_slice(&19_800i32.to_be_bytes());
    tzif.extend_from_slice(b"\0\0IST\0");
    disk.file("usr/share/zoneinfo/Asia/Kolkata", &tzif);
    disk.link("etc/localtime", "/usr/share/zoneinfo/Asia/Kolkata");
    assert_eq!(known(disk.world().local_time(civil)), civil.utc() - 19_800);
    disk.file("usr/share/zoneinfo/Asia/Kolkata", "damaged");
    assert!(matches!(disk.world().local_time(civil), Fact::Unknown(_)));
}

#[test]
fn an_acl_is_seen() {
    let disk = Disk::new();
    disk.file("f", "x");
    let mut raw = vec![2, 0, 0, 0];
    for (tag, perm, id) in [
        (1u16, 6u16, !0u32),
        (2, 4, 65534),
        (4, 0, !0),
        (16, 4, !0),
        (32, 0, !0),
    ] {
        raw.extend_from_slice(&tag.to_le_bytes());
        raw.extend_from_slice(&perm.to_le_bytes());
        raw.extend_from_slice(&id.to_le_bytes());
    }
    let flags = rustix::fs::XattrFlags::empty();
    if rustix::fs::setxattr(disk.path("f"), "system.posix_acl_access", &raw, flags).is_err() {
        return skipped("ACLs: this file system has none");
    }
    let node = known(disk.world().lstat(b"/f")).unwrap();
    assert_eq!(node.acl.unwrap().entries.len(), 5);
}

#[test]
fn a_root_that_is_no_directory_is_an_error() {
    let disk = Disk::new();
    disk.file("f", "");
    let options = Options {
        root: Some(disk.path("f")),
        ..Options::default()
    };
    assert!(LiveWorld::new(options).is_err());
}
