//! Servers that everybody uses, and what they want.

/// What is known of a public service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: &'static str,
    /// The only user name it knows.
    pub user: &'static str,
    /// Where one looks which keys an account has.
    pub keys: &'static str,
    /// What is special about it.
    pub note: &'static str,
}

const GITHUB: Service = Service {
    name: "GitHub",
    user: "git",
    keys: "https://github.com/settings/keys",
    note: "a key belongs to one account or one repository (deploy key) alone; organisations with SSO want the key authorised once more",
};
const GITLAB: Service = Service {
    name: "GitLab",
    user: "git",
    keys: "https://gitlab.com/-/user_settings/ssh_keys",
    note: "keys can have an expiry date, and a usage type that leaves authentication out",
};
const BITBUCKET: Service = Service {
    name: "Bitbucket",
    user: "git",
    keys: "https://bitbucket.org/account/settings/ssh-keys/",
    note: "the first key that is known decides the account: name it with IdentityFile and IdentitiesOnly yes",
};
const AZURE: Service = Service {
    name: "Azure DevOps",
    user: "git",
    keys: "https://dev.azure.com/ (User settings, SSH public keys)",
    note: "takes RSA keys with SHA-2 signatures; other types are refused",
};
const CODEBERG: Service = Service {
    name: "Codeberg",
    user: "git",
    keys: "https://codeberg.org/user/settings/keys",
    note: "",
};
const SOURCEHUT: Service = Service {
    name: "sourcehut",
    user: "git",
    keys: "https://meta.sr.ht/keys",
    note: "",
};

/// The service behind a host name, where it is one of these.
#[must_use]
pub fn service(host: &[u8]) -> Option<Service> {
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix(b".").unwrap_or(&host);
    Some(match host {
        b"github.com" | b"ssh.github.com" => GITHUB,
        b"gitlab.com" | b"altssh.gitlab.com" => GITLAB,
        b"bitbucket.org" | b"altssh.bitbucket.org" => BITBUCKET,
        b"ssh.dev.azure.com" | b"vs-ssh.visualstudio.com" => AZURE,
        b"codeberg.org" => CODEBERG,
        b"git.sr.ht" => SOURCEHUT,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_is_known_by_its_host() {
        assert_eq!(service(b"GitHub.com.").unwrap().name, "GitHub");
        assert_eq!(service(b"ssh.github.com").unwrap().user, "git");
        assert!(service(b"github.com.example").is_none());
    }
}
