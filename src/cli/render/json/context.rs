//! The block that a place of a file is in, as Terraform names it: `resource "aws_vpc" "main"`, in JSON files
//! `resource.aws_vpc.main`.

use crate::diagnostic::SourceFile;
use crate::lang::syntax::parse;

/// How many labels a kind of block has.
const LABELS: [(&str, usize); 7] =
    [("resource", 2), ("data", 2), ("variable", 1), ("output", 1), ("module", 1), ("provider", 1), ("check", 1)];

/// The outermost block around a byte.
pub(super) fn context(file: &SourceFile, byte: u32) -> Option<String> {
    let is_json = file.path.extension().is_some_and(|extension| extension == "json");
    if is_json {
        return keys(&file.text, byte as usize);
    }
    let (body, _) = parse(0, &file.text);
    let block = body.blocks.iter().find(|block| block.span.start <= byte && byte < block.span.end)?;
    let labels = block.labels.iter().map(|label| format!(" {:?}", &*label.text));
    Some(std::iter::once(block.kind.to_string()).chain(labels).collect())
}

/// The keys of the objects around a byte of JSON, as far as they name a block.
fn keys(text: &str, byte: usize) -> Option<String> {
    // For each open bracket the key that was read last inside of it.
    let mut open: Vec<Option<&str>> = Vec::new();
    let (mut at, mut last) = (0, None);
    let bytes = text.as_bytes();
    while at < bytes.len() && at < byte {
        match bytes[at] {
            b'{' | b'[' => open.push(None),
            b'}' | b']' => drop(open.pop()),
            b'"' => {
                let end = end_of_text(bytes, at);
                last = text.get(at + 1..end);
                at = end;
            }
            b':' => *open.last_mut()? = last,
            _ => {}
        }
        at += 1;
    }
    let path: Vec<&str> = open.into_iter().flatten().collect();
    let kind = path.first()?;
    let labels = LABELS.iter().find(|(name, _)| name == kind).map_or(0, |(_, labels)| *labels);
    Some(path[..path.len().min(labels + 1)].join("."))
}

/// Where the text that begins here ends.
fn end_of_text(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    at.min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(name: &str, text: &str, word: &str) -> Option<String> {
        let byte = u32::try_from(text.find(word).expect("the word")).expect("a small file");
        context(&SourceFile { path: name.into(), text: text.into() }, byte)
    }

    #[test]
    fn blocks_and_keys() {
        let native = "locals {\n  a = 1\n}\nresource \"x\" \"y\" {\n  block {\n    here = 1\n  }\n}\n# there\n";
        assert_eq!(at("main.tf", native, "here").as_deref(), Some("resource \"x\" \"y\""));
        assert_eq!(at("main.tf", native, "a = ").as_deref(), Some("locals"));
        assert_eq!(at("main.tf", native, "# there"), None);
        let json = r#"[{"output": {"o\"}": {"value": "one"}}}, {"resource": {"x": {"y": [{"b": "two"}]}}, "locals": {"a": "three"}}]"#;
        assert_eq!(at("main.tf.json", json, "one").as_deref(), Some("output.o\\\"}"));
        assert_eq!(at("main.tf.json", json, "two").as_deref(), Some("resource.x.y"));
        assert_eq!(at("main.tf.json", json, "three").as_deref(), Some("locals"));
    }
}
