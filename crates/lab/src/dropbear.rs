//! Dropbear's own ways: its host key file, its arguments, its log lines.

use std::fs;
use std::io;
use std::net::SocketAddr;

use sshwhy_scenario::KeyMaterial;
use zeroize::Zeroizing;

const HOST_KEY: &str = "/etc/dropbear/dropbear_ed25519_host_key";

/// Writes the host key of all worlds, in Dropbear's format, into the root that we are in.
pub(crate) fn write_host_key(keys: &dyn KeyMaterial) -> io::Result<()> {
    let text = keys.file("host-ed25519").unwrap_or_default();
    let key = ssh_key::PrivateKey::from_openssh(text).map_err(io::Error::other)?;
    let pair = key
        .key_data()
        .ed25519()
        .ok_or_else(|| io::Error::other("the host key is no Ed25519 key"))?;
    // string "ssh-ed25519", string of the seed and the public key.
    let mut out = Zeroizing::new(Vec::with_capacity(83));
    out.extend_from_slice(&11u32.to_be_bytes());
    out.extend_from_slice(b"ssh-ed25519");
    out.extend_from_slice(&64u32.to_be_bytes());
    out.extend_from_slice(&pair.private.to_bytes());
    out.extend_from_slice(pair.public.as_ref());
    fs::create_dir_all("/etc/dropbear")?;
    fs::write(HOST_KEY, &*out)
}

/// A case's flags, with where to listen and what to log to in place of its own.
pub(crate) fn arguments(flags: Option<&[u8]>, to: SocketAddr) -> Vec<String> {
    let mut out: Vec<String> = ["-F", "-E", "-r", HOST_KEY, "-p"]
        .map(String::from)
        .to_vec();
    out.push(to.to_string());
    let text = String::from_utf8_lossy(flags.unwrap_or_default());
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        match word {
            "-F" | "-E" => {}
            "-p" | "-r" | "-P" => {
                words.next();
            }
            _ => out.push(word.into()),
        }
    }
    out
}

/// A line of its log without `[PID] Nov 22 18:00:00 `.
pub(crate) fn text(line: &str) -> &str {
    let line = line.trim_end();
    line.strip_prefix('[')
        .and_then(|l| l.split_once("] "))
        .and_then(|(_, rest)| rest.get(16..))
        .unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::text;

    #[test]
    fn the_log_line_is_what_follows_pid_and_time() {
        let line = "[7] Nov 22 18:00:00 Bad public key options at /x:1";
        assert_eq!(text(line), "Bad public key options at /x:1");
        assert_eq!(text("Failed reading '/x'"), "Failed reading '/x'");
    }
}
