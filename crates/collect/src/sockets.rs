//! The TCP sockets that listen on this machine.

use rustix::io::Errno;
use rustix::net::{AddressFamily, RecvFlags, SendFlags, SocketType, netlink, recv, send, socket};
use std::fs::File;
use std::io::{BufRead, BufReader};

/// A listening socket: its port and inode.
pub(crate) type Listening = (u16, u64);

/// Asks the kernel for listening sockets alone: reading /proc/net/tcp walks the table of all
/// connections, which takes milliseconds even where there are none.
pub(crate) fn listening() -> Vec<Listening> {
    diag().unwrap_or_else(|_| table())
}

const SOCK_DIAG_BY_FAMILY: u16 = 20;
const NLMSG_ERROR: u16 = 2;
const NLMSG_DONE: u16 = 3;
const REQUEST_AND_DUMP: u16 = 0x1 | 0x300;
const TCP: u8 = 6;
const LISTEN: u32 = 1 << 10;

/// sock_diag(7)
fn diag() -> Result<Vec<Listening>, Errno> {
    let fd = socket(
        AddressFamily::NETLINK,
        SocketType::RAW,
        Some(netlink::SOCK_DIAG),
    )?;
    let mut out = Vec::new();
    for family in [libc::AF_INET, libc::AF_INET6] {
        // nlmsghdr: length, type, flags, sequence number, port id.
        let mut request = Vec::with_capacity(72);
        request.extend_from_slice(&72u32.to_ne_bytes());
        request.extend_from_slice(&SOCK_DIAG_BY_FAMILY.to_ne_bytes());
        request.extend_from_slice(&REQUEST_AND_DUMP.to_ne_bytes());
        request.extend_from_slice(&[0; 8]);
        // inet_diag_req_v2: family, protocol, extensions, padding, states, socket id.
        request.extend_from_slice(&[u8::try_from(family).unwrap_or(0), TCP, 0, 0]);
        request.extend_from_slice(&LISTEN.to_ne_bytes());
        request.resize(72, 0);
        send(&fd, &request, SendFlags::empty())?;
        let mut room = vec![0; 32 * 1024];
        while let (n, _) = recv(&fd, &mut room[..], RecvFlags::empty())?
            && messages(room.get(..n).unwrap_or_default(), &mut out)?
        {}
    }
    Ok(out)
}

fn word(data: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_ne_bytes(*data.get(at..)?.first_chunk()?))
}

/// Reads a datagram of answers; `false` after the last one.
fn messages(mut data: &[u8], out: &mut Vec<Listening>) -> Result<bool, Errno> {
    while let Some(length) = word(data, 0) {
        let length = usize::try_from(length).unwrap_or(0);
        let Some(message) = data.get(..length).filter(|m| m.len() >= 16) else {
            return Err(Errno::PROTO);
        };
        match u16::from_ne_bytes([message[4], message[5]]) {
            NLMSG_DONE => return Ok(false),
            NLMSG_ERROR => return Err(Errno::OPNOTSUPP),
            _ => {
                // inet_diag_msg: the source port at 4, in network order, the inode at 68.
                let body = message.get(16..).unwrap_or_default();
                if let (Some(port), Some(inode)) = (body.get(4..6), word(body, 68)) {
                    out.push((u16::from_be_bytes([port[0], port[1]]), u64::from(inode)));
                }
            }
        }
        data = data.get(length.next_multiple_of(4)..).unwrap_or_default();
    }
    Ok(true)
}

/// /proc/net/tcp and tcp6
fn table() -> Vec<Listening> {
    let mut out = Vec::new();
    for table in ["/proc/net/tcp", "/proc/net/tcp6"] {
        let Ok(file) = File::open(table) else {
            continue;
        };
        for line in BufReader::new(file).lines().skip(1).map_while(Result::ok) {
            let words: Vec<&str> = line.split_ascii_whitespace().collect();
            let [_, local, _, state, _, _, _, _, _, inode, ..] = words.as_slice() else {
                continue;
            };
            // The kernel lists the listening ones first.
            if *state != "0A" {
                break;
            }
            let port = local
                .rsplit(':')
                .next()
                .and_then(|p| u16::from_str_radix(p, 16).ok());
            if let (Some(port), Ok(inode)) = (port, inode.parse()) {
                out.push((port, inode));
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_socket_of_ours_is_found_both_ways() {
        let four = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let six = std::net::TcpListener::bind("[::1]:0");
        for socket in [Some(four), six.ok()].into_iter().flatten() {
            let port = socket.local_addr().unwrap().port();
            let of = |list: Vec<Listening>| list.into_iter().find(|(p, _)| *p == port);
            let asked = of(diag().unwrap());
            assert!(asked.is_some_and(|(_, inode)| inode > 0));
            assert_eq!(asked, of(table()));
        }
    }

    #[test]
    fn a_cut_answer_is_an_error_not_an_empty_list() {
        let mut out = Vec::new();
        assert!(messages(&[200, 0, 0, 0, 20, 0, 0, 0], &mut out).is_err());
        assert!(messages(&[0; 16], &mut out).is_err());
    }
}
