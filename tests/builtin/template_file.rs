//! The data source `template_file`.

use crate::support::stack::stack;

#[test]
fn a_template_is_filled_in() {
    let stack = stack().file("t.tpl", "Hello ${upper(name)}!%{ if n == \"2\" } twice%{ endif }\n").file(
        "main.tf",
        "data \"template_file\" \"a\" {\n  template = file(\"t.tpl\")\n  vars = {\n    name = \"you\"\n    n = 2\n  }\n}\n\
         output \"text\" {\n  value = data.template_file.a.rendered\n}\n\
         output \"id\" {\n  value = data.template_file.a.id == sha256(data.template_file.a.rendered)\n}\n",
    );
    stack.apply().succeeds();
    assert_eq!(stack.state()["outputs"]["text"]["value"], "Hello YOU! twice\n");
    assert_eq!(stack.state()["outputs"]["id"]["value"], true);
    stack.assert_nothing_to_do();
}

#[test]
fn mistakes_in_the_template() {
    let says = |template: &str, text: &str| {
        let file = format!("data \"template_file\" \"a\" {{\n  template = \"{template}\"\n}}\n");
        stack().file("main.tf", file).plan().fails().says("Failed to render template").says(text);
    };
    says("$${nobody}", "nobody");
    says("%%{ if }", "");
    says("$${file(\\\"nothing\\\")}", "nothing");
}

#[test]
fn a_file_may_be_named() {
    let text = "data \"template_file\" \"a\" {\n  filename = \"t.tpl\"\n  vars = { name = \"you\" }\n}\n\
                output \"text\" {\n  value = data.template_file.a.rendered\n}\n";
    let stack = stack().file("t.tpl", "dear ${name}").file("main.tf", text);
    stack.plan().ends_with(2).says("\"dear you\"");
    stack.write("main.tf", text.replace("filename", "template = \"x\"\n  filename"));
    stack.plan().fails().says("cannot be given beside");
}
