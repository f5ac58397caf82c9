//! Destinations: real ssh against a real sshd in a private network, through our agent (what
//! OpenSSH's agent-restrict regress test looks at, in our own words).

use crate::harness::{Running, is_root, start, text};
use std::process::{Child, Command, Output, Stdio};
use std::time::Duration;

/// Programs in a mount and network namespace of their own, where sshd listens on the loopback.
struct Net {
    agent: Running,
    holder: Child,
}

impl Net {
    fn new() -> Option<Net> {
        if !is_root() {
            eprintln!("SKIPPED: not root");
            return None;
        }
        let agent = start();
        let dir = agent.dir.path().to_owned();
        for name in ["host_a", "host_b", "host_c", "ca"] {
            let made = Command::new("ssh-keygen")
                .args(["-q", "-t", "ed25519", "-N", "", "-f"])
                .arg(dir.join(name))
                .status();
            assert!(made.unwrap().success());
        }
        // host_c shows a certificate of the authority, and known_hosts lists that alone.
        let signed = Command::new("ssh-keygen")
            .args(["-q", "-h", "-I", "host_c", "-n", "host_c", "-s"])
            .args([dir.join("ca"), dir.join("host_c.pub")])
            .status();
        assert!(signed.unwrap().success());
        let key = agent.key("ed25519", "256", "");
        let public = std::fs::read(key.with_extension("pub")).unwrap();
        std::fs::write(dir.join("authorized"), public).unwrap();
        let mut known = String::new();
        for (name, port) in [("host_a", 2201), ("host_b", 2202), ("host_c", 2203)] {
            let (mark, of, certificate) = match name {
                "host_c" => (
                    "@cert-authority ",
                    "ca",
                    "HostCertificate {0}/host_c-cert.pub\n",
                ),
                _ => ("", name, ""),
            };
            let public = std::fs::read_to_string(dir.join(format!("{of}.pub"))).unwrap();
            let words: Vec<&str> = public.split_whitespace().take(2).collect();
            known.push_str(&format!("{mark}{name} {}\n", words.join(" ")));
            let certificate = certificate.replace("{0}", dir.to_str().unwrap());
            let config = certificate
                + &format!(
                    "Port {port}\nListenAddress 127.0.0.1\nHostKey {0}/{name}\nAuthorizedKeysFile \
                 {0}/authorized\nStrictModes no\nUsePAM no\nPermitRootLogin yes\nPidFile none\n\
                 PasswordAuthentication no\nKbdInteractiveAuthentication no\nMaxStartups 100\n",
                    dir.display()
                );
            std::fs::write(dir.join(format!("{name}.conf")), config).unwrap();
        }
        std::fs::write(dir.join("known_hosts"), known).unwrap();
        let client = format!(
            "Host host_a\n Port 2201\nHost host_b\n Port 2202\nHost host_c\n Port 2203\nHost *\n HostName 127.0.0.1\n User \
             root\n HostKeyAlias %n\n UserKnownHostsFile {0}/known_hosts\n GlobalKnownHostsFile \
             /dev/null\n BatchMode yes\n StrictHostKeyChecking yes\n IdentityFile none\n \
             PasswordAuthentication no\n",
            dir.display()
        );
        // HostKeyAlias takes no tokens in older clients.
        let client = client.replace(" HostKeyAlias %n\n", "");
        let client = client
            .replace("Port 2201\n", "Port 2201\n HostKeyAlias host_a\n")
            .replace("Port 2202\n", "Port 2202\n HostKeyAlias host_b\n")
            .replace("Port 2203\n", "Port 2203\n HostKeyAlias host_c\n");
        std::fs::write(dir.join("config"), client).unwrap();
        let script = "mount -t tmpfs none /run && mkdir -p /run/sshd && ip link set lo up && \
                      /usr/sbin/sshd -f \"$1/host_a.conf\" -E \"$1/log_a\" && \
                      /usr/sbin/sshd -f \"$1/host_b.conf\" -E \"$1/log_b\" && \
                      /usr/sbin/sshd -f \"$1/host_c.conf\" -E \"$1/log_c\" && \
                      touch \"$1/ready\" && exec sleep 600";
        let holder = Command::new("unshare")
            .args(["-mnp", "--fork", "--kill-child", "sh", "-c", script, "sh"])
            .arg(&dir)
            .stdout(Stdio::null())
            .spawn()
            .ok()?;
        let net = Net { agent, holder };
        for _ in 0..200 {
            if dir.join("ready").exists() {
                std::thread::sleep(Duration::from_millis(100));
                return Some(net);
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        eprintln!("SKIPPED: no sshd in a namespace here");
        None
    }

    fn path(&self, name: &str) -> String {
        self.agent
            .dir
            .path()
            .join(name)
            .to_str()
            .unwrap()
            .to_owned()
    }

    /// Runs a program inside.
    fn inside(&self, args: &[&str]) -> Output {
        let children = format!("/proc/{0}/task/{0}/children", self.holder.id());
        let inner = std::fs::read_to_string(children).unwrap();
        let inner = inner.split_whitespace().next().unwrap().to_owned();
        let mut all = vec!["-t", inner.as_str(), "-m", "-n", "--"];
        all.extend(args);
        self.agent.run("nsenter", &all)
    }

    fn ssh(&self, args: &[&str]) -> Output {
        let config = self.path("config");
        let mut all = vec!["ssh", "-F", &config];
        all.extend(args);
        self.inside(&all)
    }

    fn add(&self, destinations: &[&str]) {
        let (known, key) = (self.path("known_hosts"), self.path("id_ed25519_256_0"));
        let mut args = vec!["-q"];
        for d in destinations {
            args.extend(["-H", &known, "-h", d]);
        }
        args.push(&key);
        assert!(self.agent.run("ssh-add", &["-D"]).status.success());
        let out = self.agent.run("ssh-add", &args);
        assert!(out.status.success(), "{out:?}");
    }
}

impl Drop for Net {
    fn drop(&mut self) {
        let _ = self.holder.kill();
        let _ = self.holder.wait();
    }
}

#[test]
fn ssh_logs_in_where_the_key_may_go_and_nowhere_else() {
    let Some(net) = Net::new() else { return };
    let good = |out: &Output| {
        assert!(text(out).contains("in-"), "{out:?}");
    };
    let bad = |out: &Output| {
        assert!(text(out).contains("Permission denied"), "{out:?}");
    };
    // Without destinations, everywhere.
    net.add(&[]);
    good(&net.ssh(&["host_a", "echo in-a"]));
    good(&net.ssh(&["host_b", "echo in-b"]));
    // One host.
    net.add(&["host_a"]);
    good(&net.ssh(&["host_a", "echo in-a"]));
    bad(&net.ssh(&["host_b", "echo in-b"]));
    // One user of it.
    net.add(&["root@host_a"]);
    good(&net.ssh(&["host_a", "echo in-a"]));
    net.add(&["alice@host_a"]);
    bad(&net.ssh(&["host_a", "echo in-a"]));
    // Through the agent forwarded to host_a on to host_b: only along a way that is named.
    let config = net.path("config");
    let onward = format!("ssh -F {config} host_b echo in-b");
    net.add(&["host_a"]);
    bad(&net.ssh(&["-A", "host_a", &onward]));
    // The key for host_a alone is not even seen there.
    let seen = net.ssh(&["-A", "host_a", "ssh-add -l"]);
    assert!(text(&seen).contains("no identities"), "{seen:?}");
    net.add(&["host_a", "host_a>host_b"]);
    good(&net.ssh(&["-A", "host_a", &onward]));
    bad(&net.ssh(&["host_b", "echo in-b"]));
    // Two hops are not the one that is named.
    net.add(&["host_b", "host_b>host_a"]);
    bad(&net.ssh(&["-A", "host_a", &onward]));
}

#[test]
fn a_destination_may_be_a_host_that_an_authority_vouches_for() {
    let Some(net) = Net::new() else { return };
    net.add(&["host_c"]);
    let login = net.ssh(&["host_c", "echo in-c"]);
    assert!(text(&login).contains("in-c"), "{login:?}");
    let other = net.ssh(&["host_a", "echo in-a"]);
    assert!(text(&other).contains("Permission denied"), "{other:?}");
    // Onward through it, and from another host to it.
    let config = net.path("config");
    let onward = format!("ssh -F {config} host_a echo in-a");
    net.add(&["host_c", "host_c>host_a"]);
    let login = net.ssh(&["-A", "host_c", &onward]);
    assert!(text(&login).contains("in-a"), "{login:?}");
    net.add(&["host_a", "host_a>host_c"]);
    let onward = format!("ssh -F {config} host_c echo in-c");
    let login = net.ssh(&["-A", "host_a", &onward]);
    assert!(text(&login).contains("in-c"), "{login:?}");
    // The same authority's certificate for another name is not that host.
    let known = std::fs::read_to_string(net.path("known_hosts")).unwrap();
    let (_, authority) = known.split_once("@cert-authority host_c ").unwrap();
    let known = format!("@cert-authority host_a,host_c {authority}");
    std::fs::write(net.path("known_hosts"), known).unwrap();
    net.add(&["host_a"]);
    let other = net.ssh(&["host_c", "echo in-c"]);
    assert!(!text(&other).contains("in-c"), "{other:?}");
}

#[test]
fn git_and_two_generations_of_plink_log_in_through_the_agent() {
    let Some(net) = Net::new() else { return };
    net.add(&[]);
    if net.agent.run("git", &["--version"]).status.success() {
        let repo = net.path("repo.git");
        let made = net.agent.run("git", &["init", "-q", "--bare", &repo]);
        assert!(made.status.success(), "{made:?}");
        let ssh = format!("core.sshCommand=ssh -F {}", net.path("config"));
        let url = format!("host_a:{repo}");
        let copy = net.path("copy");
        let out = net.inside(&["git", "-c", &ssh, "clone", "-q", &url, &copy]);
        assert!(out.status.success(), "{out:?}");
    } else {
        eprintln!("SKIPPED: no git");
    }
    let host = net.path("host_a.pub");
    let print = net.agent.run("ssh-keygen", &["-lf", &host]);
    let print = text(&print).split_whitespace().nth(1).unwrap().to_owned();
    let md5 = net.agent.run("ssh-keygen", &["-E", "md5", "-lf", &host]);
    let md5 = text(&md5)
        .split_whitespace()
        .nth(1)
        .unwrap()
        .replace("MD5:", "");
    let cache = std::path::PathBuf::from(std::env::var_os("HOME").unwrap_or_default());
    let cache = cache.join(".cache/sshwhy/lab");
    let old = cache.join("bullseye/root/usr/bin/plink");
    let new = cache.join("trixie/root/usr/bin/plink");
    let mut used = 0;
    for (program, print) in [
        (old.to_str().unwrap(), &md5),
        ("plink", &print),
        (new.to_str().unwrap(), &print),
    ] {
        let out = net.inside(&[
            program,
            "-batch",
            "-agent",
            "-P",
            "2201",
            "-hostkey",
            print,
            "root@127.0.0.1",
            "echo in-a",
        ]);
        if text(&out).contains("No such file") {
            eprintln!("SKIPPED: no {program}");
            continue;
        }
        assert!(text(&out).contains("in-a"), "{program}: {out:?}");
        used += 1;
    }
    eprintln!("{used} generations of plink");
}
