//! Addresses of providers in a state: `module.m.provider["registry.terraform.io/hashicorp/aws"].west`.

use std::sync::Arc;

/// The address as Terraform writes it since 0.13. Terraform 0.12 wrote `provider.aws.west` in the same format, which does
/// not say whose the provider is: that is what the dash stands for. None for what is no address.
pub(super) fn in_full(text: &str) -> Option<Arc<str>> {
    let mut rest = text;
    while let Some(below) = rest.strip_prefix("module.") {
        let (module, below) = below.split_once('.')?;
        rest = is_name(module).then_some(below)?;
    }
    let module = &text[..text.len() - rest.len()];
    if let Some(source) = rest.strip_prefix("provider[\"") {
        let (source, alias) = source.split_once("\"]")?;
        let is_source = source.split('/').count() <= 3 && source.split('/').all(is_part);
        return (is_source && is_alias(alias)).then(|| text.into());
    }
    let named = rest.strip_prefix("provider.")?;
    let (name, alias) = named.split_at(named.find('.').unwrap_or(named.len()));
    let source = match name {
        "terraform" => "terraform.io/builtin/terraform".to_owned(),
        _ => format!("registry.terraform.io/-/{name}"),
    };
    (is_name(name) && is_alias(alias)).then(|| format!("{module}provider[\"{source}\"]{alias}").into())
}

/// Whether it is nothing, or a dot and a name.
fn is_alias(text: &str) -> bool {
    text.is_empty() || text.strip_prefix('.').is_some_and(is_name)
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_')
}

/// Whether it is a part of a source: the first one may be a host.
fn is_part(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || "-_.:".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_terraform_0_12_are_completed() {
        let full = |text: &str| in_full(text).map(|text| text.to_string());
        for (old, new) in [
            ("provider.aws", "provider[\"registry.terraform.io/-/aws\"]"),
            ("provider.aws.west", "provider[\"registry.terraform.io/-/aws\"].west"),
            (
                "module.a.module.provider.provider.aws.b",
                "module.a.module.provider.provider[\"registry.terraform.io/-/aws\"].b",
            ),
            ("provider.terraform", "provider[\"terraform.io/builtin/terraform\"]"),
        ] {
            assert_eq!(full(old).as_deref(), Some(new));
            assert_eq!(full(new).as_deref(), Some(new));
        }
    }

    #[test]
    fn what_is_no_address_is_none() {
        for text in [
            "",
            "aws",
            "provider",
            "provider.",
            "provider.aws.",
            "provider.aws.west.x",
            "provider.a b",
            "provider[\"aws\"",
            "provider[\"\"]",
            "provider[\"a//b\"]",
            "provider[\"a/b/c/d\"]",
            "provider[\"registry.terraform.io/-/aws\"].x.y",
            "provider[\"registry.terraform.io/-/aws\"]x",
            "module.a[\"x\"].provider.aws",
            "module.a",
            "module..provider.aws",
        ] {
            assert_eq!(in_full(text), None, "{text}");
        }
    }
}
