//! The system's own name service, through the C library: it alone knows SSSD, LDAP and the like.
#![allow(
    unsafe_code,
    reason = "getpwnam_r(3) and its relatives have no safe equivalent that runs the system's \
              name service modules; every call passes buffers that outlive it"
)]

use sshwhy_world::account::PasswordField;
use sshwhy_world::{Account, Group, Shadow};
use std::ffi::{CStr, CString};
use std::mem::MaybeUninit;
use std::ptr;
use std::sync::Mutex;

/// getpwent(3) and getspnam(3) walk static data: one caller at a time.
static STATIC_DATA: Mutex<()> = Mutex::new(());

/// Whether this C library loads name service modules at all (musl does not).
pub(crate) const MODULES: bool = cfg!(target_env = "gnu");

/// # Safety
/// `p` is null or points to a NUL-terminated string.
unsafe fn bytes(p: *const libc::c_char) -> Vec<u8> {
    if p.is_null() {
        return Vec::new();
    }
    // SAFETY: not null, and the C library's strings end with a NUL.
    unsafe { CStr::from_ptr(p) }.to_bytes().to_vec()
}

/// # Safety
/// The pointers of `pw` are valid.
unsafe fn account_of(pw: &libc::passwd) -> Account {
    // SAFETY: as the caller promises.
    unsafe {
        Account {
            name: bytes(pw.pw_name),
            password: PasswordField::of(&bytes(pw.pw_passwd)),
            uid: pw.pw_uid,
            gid: pw.pw_gid,
            home: bytes(pw.pw_dir),
            shell: bytes(pw.pw_shell),
        }
    }
}

/// Calls a `*_r` function with a growing buffer.
fn with_buffer<T, R>(
    mut call: impl FnMut(*mut T, *mut libc::c_char, usize, *mut *mut T) -> i32,
    take: impl FnOnce(&T) -> R,
) -> Result<Option<R>, i32> {
    let mut room = vec![0 as libc::c_char; 4096];
    loop {
        let mut entry = MaybeUninit::<T>::uninit();
        let mut found: *mut T = ptr::null_mut();
        let e = call(
            entry.as_mut_ptr(),
            room.as_mut_ptr(),
            room.len(),
            &raw mut found,
        );
        match e {
            libc::ERANGE if room.len() < 16 << 20 => room.resize(room.len() * 4, 0),
            libc::EINTR => {}
            0 if found.is_null() => return Ok(None),
            // SAFETY: `found` points to `entry`, which the call filled in; `room` still lives.
            0 => return Ok(Some(take(unsafe { &*found }))),
            // What getpwnam(3) lists as "not found" beside 0.
            libc::ENOENT | libc::ESRCH => return Ok(None),
            e => return Err(e),
        }
    }
}

/// getpwnam(3). The error is an errno: the service did not answer.
pub(crate) fn account(name: &[u8]) -> Result<Option<Account>, i32> {
    let Ok(name) = CString::new(name) else {
        return Ok(None);
    };
    with_buffer(
        // SAFETY: valid pointers and the buffer's true length.
        |pw, buf, len, out| unsafe { libc::getpwnam_r(name.as_ptr(), pw, buf, len, out) },
        // SAFETY: the entry was filled in by the call.
        |pw| unsafe { account_of(pw) },
    )
}

/// getgrgid(3)
pub(crate) fn group(gid: u32) -> Result<Option<Group>, i32> {
    with_buffer(
        // SAFETY: valid pointers and the buffer's true length.
        |gr, buf, len, out| unsafe { libc::getgrgid_r(gid, gr, buf, len, out) },
        |gr: &libc::group| {
            let mut members = Vec::new();
            let mut next = gr.gr_mem;
            // SAFETY: gr_mem is null or a list of strings that a null pointer ends.
            unsafe {
                while !next.is_null() && !(*next).is_null() {
                    members.push(bytes(*next));
                    next = next.add(1);
                }
                Group {
                    name: bytes(gr.gr_name),
                    gid: gr.gr_gid,
                    members,
                }
            }
        },
    )
}

/// getpwent(3) to its end.
pub(crate) fn accounts(limit: usize) -> Vec<Account> {
    let _one = STATIC_DATA.lock().unwrap_or_else(|e| e.into_inner());
    let mut out = Vec::new();
    // SAFETY: nobody else walks the list meanwhile; each entry is copied before the next call.
    unsafe {
        libc::setpwent();
        while out.len() < limit {
            let pw = libc::getpwent();
            if pw.is_null() {
                break;
            }
            out.push(account_of(&*pw));
        }
        libc::endpwent();
    }
    out
}

/// getgrouplist(3)
pub(crate) fn groups_of(account: &Account) -> Option<Vec<u32>> {
    let name = CString::new(account.name.as_slice()).ok()?;
    let mut room = 64;
    loop {
        let mut gids: Vec<libc::gid_t> = vec![0; room];
        let mut n = i32::try_from(room).ok()?;
        // SAFETY: `gids` has room for `n` entries.
        let r = unsafe {
            libc::getgrouplist(name.as_ptr(), account.gid, gids.as_mut_ptr(), &raw mut n)
        };
        let n = usize::try_from(n).ok()?;
        if r >= 0 {
            gids.truncate(n);
            return Some(gids);
        }
        if room > 1 << 16 {
            return None;
        }
        room = n.max(room * 2);
    }
}

/// getspnam(3)
pub(crate) fn shadow(name: &[u8]) -> Option<Shadow> {
    let name = CString::new(name).ok()?;
    let _one = STATIC_DATA.lock().unwrap_or_else(|e| e.into_inner());
    // SAFETY: nobody else asks meanwhile; the entry is classified before the lock is let go.
    unsafe {
        let sp = libc::getspnam(name.as_ptr());
        if sp.is_null() {
            return None;
        }
        let sp = &*sp;
        let field = if sp.sp_pwdp.is_null() {
            c"".as_ptr()
        } else {
            sp.sp_pwdp.cast_const()
        };
        #[allow(
            clippy::useless_conversion,
            reason = "c_long is narrower on 32-bit machines"
        )]
        Some(Shadow {
            password: PasswordField::of(CStr::from_ptr(field).to_bytes()),
            last_change: sp.sp_lstchg.into(),
            min: sp.sp_min.into(),
            max: sp.sp_max.into(),
            warn: sp.sp_warn.into(),
            inactive: sp.sp_inact.into(),
            expire: sp.sp_expire.into(),
        })
    }
}

/// The addresses of a host name; none where the resolver finds none. Blocks as long as it does.
pub(crate) fn addresses(name: &[u8]) -> Vec<std::net::IpAddr> {
    use std::net::ToSocketAddrs;
    let found = std::str::from_utf8(name)
        .ok()
        .and_then(|name| (name, 0).to_socket_addrs().ok());
    found.map_or_else(Vec::new, |all| all.map(|s| s.ip()).collect())
}

/// The name of an address, if a look-up of that name gives the address back: what sshd asks with
/// `UseDNS yes` (`remote_hostname()`). Blocks as long as the resolver does.
pub(crate) fn confirmed_name(addr: std::net::IpAddr) -> Option<Vec<u8>> {
    use std::net::{IpAddr, ToSocketAddrs};
    let mut host = [0 as libc::c_char; 1025];
    let r = match addr {
        IpAddr::V4(a) => {
            let sa = libc::sockaddr_in {
                sin_family: libc::AF_INET as libc::sa_family_t,
                sin_port: 0,
                sin_addr: libc::in_addr {
                    s_addr: u32::from_ne_bytes(a.octets()),
                },
                sin_zero: [0; 8],
            };
            // SAFETY: a whole address of the length given, and a buffer of the length given.
            unsafe { name_of((&raw const sa).cast(), size_of_val(&sa), &mut host) }
        }
        IpAddr::V6(a) => {
            let sa = libc::sockaddr_in6 {
                sin6_family: libc::AF_INET6 as libc::sa_family_t,
                sin6_port: 0,
                sin6_flowinfo: 0,
                sin6_addr: libc::in6_addr {
                    s6_addr: a.octets(),
                },
                sin6_scope_id: 0,
            };
            // SAFETY: as above.
            unsafe { name_of((&raw const sa).cast(), size_of_val(&sa), &mut host) }
        }
    };
    if r != 0 {
        return None;
    }
    // SAFETY: getnameinfo ended the name with a NUL.
    let mut name = unsafe { bytes(host.as_ptr()) };
    name.make_ascii_lowercase();
    let text = String::from_utf8(name).ok()?;
    // A "name" that is an address would be trusted as one: sshd refuses it too.
    if text.parse::<IpAddr>().is_ok() {
        return None;
    }
    let back = (text.as_str(), 0).to_socket_addrs().ok()?;
    back.map(|s| s.ip())
        .any(|ip| ip == addr)
        .then(|| text.into_bytes())
}

/// # Safety
/// `sa` points to `len` bytes of a socket address.
unsafe fn name_of(sa: *const libc::sockaddr, len: usize, host: &mut [libc::c_char]) -> i32 {
    // SAFETY: as the caller promises; the lengths are the true ones.
    unsafe {
        libc::getnameinfo(
            sa,
            len as libc::socklen_t,
            host.as_mut_ptr(),
            host.len() as libc::socklen_t,
            ptr::null_mut(),
            0,
            libc::NI_NAMEREQD,
        )
    }
}
