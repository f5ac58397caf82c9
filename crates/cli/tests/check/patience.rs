//! A server's patience: penalties, limits, bans.

use crate::*;

#[test]
fn ten_refused_checks_cost_no_penalty_on_a_stock_server() {
    machine(
        "patience::ten_refused_checks_cost_no_penalty_on_a_stock_server",
        || {
            // The suite's own system, with a layer of this test's over it.
            let root = Path::new("/mnt/lab/trixie/root");
            if !root.join("usr/sbin/sshd").exists() {
                return skipped("sshd 10.0: no suite trixie (cargo xtask lab setup)");
            }
            sh(&format!(
            "mkdir /mnt/up /mnt/work /mnt/t; mount -t overlay none -o lowerdir={},upperdir=/mnt/up,workdir=/mnt/work /mnt/t
             mkdir -p /mnt/t/run/sshd /mnt/t/home /mnt/t/etc/ssh /mnt/t/dev; mount --bind /home /mnt/t/home; mount --bind /dev /mnt/t/dev
             cp /etc/passwd /etc/group /etc/shadow /mnt/t/etc/; rm -rf /mnt/t/etc/ssh/sshd_config.d
             grep -q ^sshd: /mnt/t/etc/passwd || echo 'sshd:x:103:65534::/run/sshd:/usr/sbin/nologin' >> /mnt/t/etc/passwd
             cp /etc/ssh/ssh_host_ed25519_key* /mnt/t/etc/ssh/; printf '%s' 'Port 2222
UsePAM no
' > /mnt/t/etc/ssh/sshd_config
             chroot /mnt/t /usr/sbin/sshd -E /dev/null",
            root.display()
        ));
            until(|| TcpStream::connect("127.0.0.1:2222").is_ok());
            let alice = "alice@127.0.0.1:2222";
            let mut refused = 0;
            for _ in 0..10 {
                // It waits where it has to.
                let out = Command::new(PROGRAM)
                    .args(["check", alice, "-i", "/mnt/bad", "--format", "json"])
                    .stdin(Stdio::null())
                    .output()
                    .unwrap();
                let doc: Value = serde_json::from_slice(&out.stdout).unwrap();
                assert_eq!(doc["wire"]["place"], "query", "{}", text(&out));
                refused += usize::from(out.status.code() == Some(1));
            }
            assert_eq!(refused, 10);
            let out = Command::new(PROGRAM)
                .args(["check", alice, "-i", "/mnt/good"])
                .stdin(Stdio::null())
                .output()
                .unwrap();
            assert_eq!(out.status.code(), Some(0), "{}", text(&out));
        },
    );
}

#[test]
fn what_turns_an_address_away_is_told_and_not_taken_for_a_refusal() {
    machine(
        "patience::what_turns_an_address_away_is_told_and_not_taken_for_a_refusal",
        || {
            let alice = "alice@127.0.0.1:2222";
            sshd("MaxStartups 1\n");
            // The one place may still be that of the connection by which the start was seen.
            let mut hold = None;
            until(|| {
                let stream = TcpStream::connect("127.0.0.1:2222").unwrap();
                let mut first = [0; 4];
                let greeted = (&stream).read_exact(&mut first).is_ok() && &first == b"SSH-";
                hold = Some(stream).filter(|_| greeted);
                greeted
            });
            let (code, verdict, place, certain) = check(&[alice, "-i", "/mnt/good"]);
            assert_eq!(
                (code, verdict.as_str(), place.as_str()),
                (1, "refuse", "identification")
            );
            assert_eq!(certain, ["max-startups"]);
            drop(hold);
            // It answered, and then no more.
            sshd("");
            is(&[alice, "-i", "/mnt/bad"], 1, "refuse", "query", &[]);
            sh("kill $(cat /run/sshd.pid); rm -f /run/sshd.pid");
            until(|| TcpStream::connect("127.0.0.1:2222").is_err());
            sh("rm -rf /mnt/state/sshwhy/checks.bak; mkdir -p /mnt/state/sshwhy");
            let out = run(PROGRAM, &[alice, "-i", "/mnt/bad"]);
            let doc = document(&out);
            let ids: Vec<&str> = doc["results"][0]["causes"]
                .as_array()
                .unwrap()
                .iter()
                .map(|c| c["id"].as_str().unwrap())
                .collect();
            assert!(
                ids.starts_with(&["net-unreachable", "fail2ban-or-firewall-ban"]),
                "{ids:?}"
            );
        },
    );
}
