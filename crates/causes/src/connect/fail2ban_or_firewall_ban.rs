//! `fail2ban-or-firewall-ban`

use crate::prelude::*;

/// The cause `fail2ban-or-firewall-ban`.
pub static CAUSE: Cause = Cause {
    id: "fail2ban-or-firewall-ban",
    stage: Stage::Connect,
    seen: Seen::NoConnection,
    title: "",
    rule: "",
    note: "",
    fixes: &[],
    log: &[],
    page: "",
};
