//! `sshwhy keys-for` by hand, and as the AuthorizedKeysCommand of a real sshd.
#![allow(missing_docs)]

mod machine;

use machine::{BUILT, sh, text};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// Runs `case` on a machine of this test's own.
fn machine(name: &str, case: fn()) {
    machine::own(name, furnish, case);
}

/// /mnt: the program, keys, a user git; nothing of the host is changed.
fn furnish() {
    sh(&format!(
        "mount -t tmpfs -o mode=0755 none /mnt; ip link set lo up; cp '{BUILT}' /mnt/sshwhy; chmod 755 /mnt/sshwhy
         cp /etc/passwd /etc/group /etc/shadow /mnt; cd /mnt
         for n in git:4401 asker:4402 other:4403; do
           echo \"${{n%:*}}:x:${{n#*:}}:${{n#*:}}::/mnt/${{n%:*}}:/bin/sh\" >>passwd
           echo \"${{n%:*}}:x:${{n#*:}}:\" >>group; echo \"${{n%:*}}:*:20000:0:99999:7:::\" >>shadow
           install -d -o ${{n#*:}} -g ${{n#*:}} ${{n%:*}}
         done
         for f in passwd group shadow; do mount --bind $f /etc/$f; done
         mkdir -p run keys; mount --bind run /run; mkdir /run/sshd
         for k in host one two three; do ssh-keygen -q -t ed25519 -N '' -C $k -f $k; done"
    ));
}

fn blob(key: &str) -> String {
    let line = fs::read_to_string(format!("/mnt/{key}.pub")).unwrap();
    line.split(' ').nth(1).unwrap().to_owned()
}

fn fingerprint(key: &str) -> String {
    let line = text(&sh(&format!("ssh-keygen -lf /mnt/{key}.pub")));
    line.split(' ').nth(1).unwrap().to_owned()
}

fn keys_for(args: &[&str]) -> Output {
    // As the account of AuthorizedKeysCommandUser.
    let drop = ["--reuid=4402", "--regid=4402", "--clear-groups"];
    Command::new("setpriv")
        .args(drop)
        .args(["/mnt/sshwhy", "keys-for"])
        .args(args)
        .output()
        .unwrap()
}

/// A file that was last changed long enough ago to be indexed at once.
fn central(content: &str) {
    fs::write("/mnt/keys/git", content).unwrap();
    fs::set_permissions("/mnt/keys/git", PermissionsExt::from_mode(0o644)).unwrap();
}

fn index() -> Output {
    Command::new("/mnt/sshwhy")
        .args(["keys-for", "--file", "/mnt/keys/%u", "git", "--write-index"])
        .output()
        .unwrap()
}

#[test]
fn the_line_is_printed_as_it_stands_now() {
    machine("the_line_is_printed_as_it_stands_now", || {
        let options = "restrict,command=\"/usr/bin/forge key-7\"";
        let one = format!("{options} ssh-ed25519 {} a comment", blob("one"));
        let old = format!("expiry-time=\"20200101\" ssh-ed25519 {} old", blob("one"));
        let two = format!("ssh-ed25519 {} two", blob("two"));
        central(&format!("{old}\n# none\n{two}\n{one}\n"));
        let file = ["--file", "/mnt/keys/%u", "git"];
        let ask = |key: &str| {
            let done = keys_for(&[file.as_slice(), &[key]].concat());
            assert!(done.status.success(), "{}", text(&done));
            String::from_utf8(done.stdout).unwrap()
        };
        let all = format!("{old}\n{one}\n");
        for indexed in [false, true] {
            if indexed {
                let done = index();
                assert!(done.status.success(), "{}", text(&done));
                assert!(Path::new("/mnt/keys/git.sshwhy-index").exists());
            }
            assert_eq!(ask(&fingerprint("one")), all);
            assert_eq!(ask(&blob("one")), all);
            assert_eq!(ask(&fingerprint("two")), format!("{two}\n"));
            assert_eq!(ask(&fingerprint("three")), "");
        }
        // The index is of another state now: the file counts.
        let new = format!("from=\"10.0.0.0/8\" ssh-ed25519 {} new", blob("three"));
        central(&format!("{new}\n"));
        assert_eq!(ask(&fingerprint("three")), format!("{new}\n"));
        assert_eq!(ask(&fingerprint("one")), "");
        // A certificate is asked for by its CA's key.
        sh("cd /mnt; ssh-keygen -q -s one -I id -n git two.pub");
        let ca = format!("cert-authority ssh-ed25519 {} ca", blob("one"));
        central(&format!("{ca}\n"));
        assert_eq!(ask(&blob("two-cert")), format!("{ca}\n"));
    });
}

#[test]
fn no_key_of_one_file_opens_another_account() {
    machine("no_key_of_one_file_opens_another_account", || {
        central(&format!("ssh-ed25519 {} one\n", blob("one")));
        let print = fingerprint("one");
        let ask = |args: &[&str]| keys_for(&[args, &[&print]].concat());
        let one = ask(&["--file", "/mnt/keys/git", "--account", "git", "git"]);
        assert!(one.status.success() && !one.stdout.is_empty());
        let root = ask(&["--file", "/mnt/keys/git", "--account", "git", "root"]);
        assert!(
            root.status.success() && root.stdout.is_empty(),
            "{}",
            text(&root)
        );
        // Without %u and without --account it would be everybody's.
        let all = ask(&["--file", "/mnt/keys/git", "git"]);
        assert_eq!(all.status.code(), Some(2), "{}", text(&all));
        assert!(all.stdout.is_empty());
        for name in ["../keys/git", "..", "", "x/../git"] {
            let done = ask(&["--file", "/mnt/keys/%u", name]);
            assert!(done.status.success() && done.stdout.is_empty(), "{name}");
        }
        let none = ask(&["--file", "/mnt/keys/%u", "other"]);
        assert!(none.status.success() && none.stdout.is_empty());
    });
}

#[test]
fn what_others_may_write_to_is_not_believed() {
    machine("what_others_may_write_to_is_not_believed", || {
        central(&format!("ssh-ed25519 {} one\n", blob("one")));
        let print = fingerprint("one");
        let ask = || keys_for(&["--file", "/mnt/keys/%u", "git", &print]);
        let good = || {
            let done = ask();
            assert!(
                done.status.success() && !done.stdout.is_empty(),
                "{}",
                text(&done)
            );
        };
        let bad = |what: &str| {
            let done = ask();
            assert_eq!(done.status.code(), Some(2), "{what}: {}", text(&done));
            assert!(done.stdout.is_empty(), "{what}");
        };
        good();
        // The account's own file is believed, another's is not.
        sh("chown git: /mnt/keys/git");
        good();
        sh("chown other: /mnt/keys/git");
        bad("owner of the file");
        sh("chown root: /mnt/keys/git; chmod g+w /mnt/keys/git");
        bad("mode of the file");
        sh("chmod 644 /mnt/keys/git; chmod o+w /mnt/keys");
        bad("mode of the directory");
        sh("chmod 755 /mnt/keys; chown other: /mnt/keys");
        bad("owner of the directory");
        sh("chown root: /mnt/keys; mv /mnt/keys/git /mnt/keys/real; mkfifo /mnt/keys/git");
        bad("a named pipe");
        sh("rm /mnt/keys/git; ln -s /mnt/keys/real /mnt/keys/git");
        good();
        // An index that others may write to is passed over: the file is scanned.
        sh("rm /mnt/keys/git; mv /mnt/keys/real /mnt/keys/git");
        assert!(index().status.success());
        sh("chmod o+w /mnt/keys/git.sshwhy-index; printf x >/mnt/keys/git.sshwhy-index");
        good();
        sh("chmod 644 /mnt/keys/git.sshwhy-index");
        good();
    });
}

/// Starts the real sshd with these lines and says which of the keys it lets in as whom.
fn logins(config: &str, asked: &[(&str, &str)]) -> Vec<bool> {
    let common = "Port 2222\nListenAddress 127.0.0.1\nHostKey /mnt/host\nUsePAM no\nPidFile none\n\
                  PasswordAuthentication no\nKbdInteractiveAuthentication no\nMaxStartups 100\n";
    fs::write("/mnt/sshd_config", format!("{common}{config}")).unwrap();
    let log = fs::File::create("/mnt/log").unwrap();
    let mut sshd = Command::new("/usr/sbin/sshd")
        .args(["-D", "-e", "-f", "/mnt/sshd_config"])
        .stdin(Stdio::null())
        .stderr(log)
        .spawn()
        .unwrap();
    let until = Instant::now() + Duration::from_secs(20);
    while std::net::TcpStream::connect("127.0.0.1:2222").is_err() {
        assert!(
            Instant::now() < until,
            "{}",
            fs::read_to_string("/mnt/log").unwrap()
        );
        std::thread::sleep(Duration::from_millis(20));
    }
    let out = asked
        .iter()
        .map(|(user, key)| {
            let done = Command::new("ssh")
                .args(["-F", "none", "-p", "2222", "-o", "BatchMode=yes"])
                .args([
                    "-o",
                    "StrictHostKeyChecking=no",
                    "-o",
                    "UserKnownHostsFile=/dev/null",
                ])
                .args([
                    "-o",
                    "IdentitiesOnly=yes",
                    "-o",
                    "IdentityAgent=none",
                    "-o",
                    "LogLevel=ERROR",
                ])
                .args(["-i", &format!("/mnt/{key}")])
                .args([&format!("{user}@127.0.0.1"), "echo in"])
                .stdin(Stdio::null())
                .output()
                .unwrap();
            done.stdout == b"in\n"
        })
        .collect();
    sshd.kill().unwrap();
    sshd.wait().unwrap();
    out
}

#[test]
fn the_real_sshd_asks_it() {
    machine("the_real_sshd_asks_it", || {
        let command = "AuthorizedKeysFile none\nAuthorizedKeysCommandUser asker\nAuthorizedKeysCommand \
                       /mnt/sshwhy keys-for --file";
        // Not a full key set, but past the first blocks of the index.
        let mut lines = String::new();
        for n in 0..2000u32 {
            let fake = blob("three").replacen("AAAI", &format!("AAAI{n:04}"), 1);
            let fake: String = fake.chars().take(68).collect();
            lines += &format!("restrict ssh-ed25519 {fake} fake{n}\n");
        }
        lines += &format!(
            "ssh-ed25519 {} two\nfrom=\"192.0.2.1\" ssh-ed25519 {} one\n",
            blob("two"),
            blob("one")
        );
        central(&lines);
        let asked = [
            ("git", "one"),
            ("git", "two"),
            ("other", "two"),
            ("git", "three"),
        ];
        let right = [false, true, false, false];
        for indexed in [false, true] {
            if indexed {
                assert!(index().status.success());
            }
            assert_eq!(
                logins(&format!("{command} /mnt/keys/%%u %u %f\n"), &asked),
                right
            );
            let one_file = format!("{command} /mnt/keys/git --account git %u %k\n");
            assert_eq!(logins(&one_file, &asked), right);
        }
        // sshd has looked into AuthorizedKeysFile before.
        let own: PathBuf = "/mnt/other/.ssh".into();
        fs::create_dir(&own).unwrap();
        fs::copy("/mnt/two.pub", own.join("authorized_keys")).unwrap();
        sh("chown -R other: /mnt/other/.ssh");
        let both = format!("{command} /mnt/keys/%%u %u %f\n")
            .replace("KeysFile none", "KeysFile .ssh/authorized_keys");
        assert_eq!(logins(&both, &asked), [false, true, true, false]);
    });
}
