//! A plan as an Ansible task file.

use crate::change::{Change, Plan, What};
use crate::plan_after::without_acl;
use crate::render::{CannotSay, sayable, title};
use sshwhy_world::AclTag;

/// The tasks, as YAML. Every scalar from outside is a double-quoted string that Jinja leaves alone.
///
/// # Errors
/// The first change that tasks cannot say: Ansible's strings are UTF-8.
pub fn ansible(plan: &Plan) -> Result<Vec<u8>, CannotSay> {
    let mut out = String::from(
        "---\n# The changes of a plan by sshwhy, for become: true. They are not taken back.\n",
    );
    for change in &plan.changes {
        let path = text(change, &change.path)?;
        let name = format!("{}: {}", title(change), change.reasons.join(", "));
        let mut task = |module: &str, lines: &[String]| {
            out.push_str(&format!("- name: {}\n  {module}:\n", quoted(&name)));
            for line in lines {
                out.push_str(&format!("    {line}\n"));
            }
        };
        let p = format!("path: {path}");
        match &change.what {
            What::Mode { to } => task(
                "ansible.builtin.file",
                &[p, format!("mode: \"{to:04o}\""), "follow: false".into()],
            ),
            What::Owner { uid, gid } => {
                let mut lines = vec![p, format!("owner: \"{uid}\""), "follow: false".into()];
                lines.extend(gid.map(|gid| format!("group: \"{gid}\"")));
                task("ansible.builtin.file", &lines);
            }
            What::Acl { to } => {
                let users = to
                    .iter()
                    .flat_map(|a| &a.entries)
                    .filter_map(|e| match e.tag {
                        AclTag::User(uid) => Some((uid, e.perm)),
                        _ => None,
                    });
                for (uid, perm) in users {
                    let bit = |mask: u8, c: &'static str| if perm & mask != 0 { c } else { "" };
                    let words = format!("{}{}{}", bit(4, "r"), bit(2, "w"), bit(1, "x"));
                    task(
                        "ansible.posix.acl",
                        &[
                            p.clone(),
                            "etype: user".into(),
                            format!("entity: \"{uid}\""),
                            format!("permissions: \"{words}\""),
                            "state: present".into(),
                            "follow: false".into(),
                        ],
                    );
                }
                if to.is_none() {
                    let node = change.before.as_ref();
                    let own = node.map_or(0, |n| without_acl(n.mode, n.acl.as_ref()) >> 3 & 7);
                    let cut = format!("argv: [setfacl, -n, -m, \"g::{own}\", --, {path}]");
                    task("ansible.builtin.command", &[cut]);
                    let argv = format!("argv: [setfacl, -b, --, {path}]");
                    task("ansible.builtin.command", &[argv]);
                }
            }
            What::Label { .. } => {
                let argv = format!("argv: [restorecon, -F, --, {path}]");
                task("ansible.builtin.command", &[argv]);
            }
            What::MakeDir(made) => task(
                "ansible.builtin.file",
                &[
                    p,
                    "state: directory".into(),
                    format!("owner: \"{}\"", made.uid),
                    format!("group: \"{}\"", made.gid),
                    format!("mode: \"{:04o}\"", made.mode),
                ],
            ),
            What::Write {
                before,
                after,
                made,
            } => {
                sayable(change, after)?;
                let mut lines = vec![
                    format!("dest: {path}"),
                    format!("content: {}", text(change, after)?),
                    "follow: false".into(),
                ];
                if before.is_none() {
                    lines.push(format!("owner: \"{}\"", made.uid));
                    lines.push(format!("group: \"{}\"", made.gid));
                    lines.push(format!("mode: \"{:04o}\"", made.mode));
                }
                task("ansible.builtin.copy", &lines);
            }
            What::Replace { after, made, .. } => {
                sayable(change, after)?;
                let absent = [p, "state: absent".into()];
                task("ansible.builtin.file", &absent);
                task(
                    "ansible.builtin.copy",
                    &[
                        format!("dest: {path}"),
                        format!("content: {}", text(change, after)?),
                        "follow: false".into(),
                        format!("owner: \"{}\"", made.uid),
                        format!("group: \"{}\"", made.gid),
                        format!("mode: \"{:04o}\"", made.mode),
                    ],
                );
            }
            What::Remove { .. } => {
                task("ansible.builtin.file", &[p, "state: absent".into()]);
            }
        }
    }
    if plan.changes.is_empty() {
        out.push_str("[]\n");
    }
    if plan.reload.is_some() {
        out.push_str(
            "- name: \"sshd's own check of its configuration\"\n  ansible.builtin.command:\n    \
             argv: [sshd, -t]\n  changed_when: false\n",
        );
    }
    Ok(out.into_bytes())
}

/// Bytes as a YAML string that no template engine reads.
fn text(change: &Change, bytes: &[u8]) -> Result<String, CannotSay> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(format!("!unsafe {}", quoted(text))),
        Err(_) => Err(CannotSay {
            path: change.path.clone(),
            why: "Ansible's strings are UTF-8, and these bytes are not; the shell script can say \
                  them",
        }),
    }
}

/// A double-quoted YAML scalar: everything but plain ASCII is escaped.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            ' '..='~' => out.push(c),
            c if u32::from(c) <= 0xff => out.push_str(&format!("\\x{:02X}", u32::from(c))),
            c if u32::from(c) <= 0xffff => out.push_str(&format!("\\u{:04X}", u32::from(c))),
            c => out.push_str(&format!("\\U{:08X}", u32::from(c))),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn a_scalar_escapes_what_yaml_would_read() {
        assert_eq!(
            quoted("a\"b\\c\n\u{1b}é\u{1f600}"),
            "\"a\\\"b\\\\c\\n\\x1B\\xE9\\U0001F600\""
        );
    }
}
