// Takes `#[serde(…)]` and derives the two marker traits.
extern crate proc_macro;
use proc_macro::{TokenStream, TokenTree};

fn name(input: TokenStream) -> String {
    let mut tokens = input.into_iter();
    while let Some(token) = tokens.next() {
        if let TokenTree::Ident(word) = &token {
            if matches!(word.to_string().as_str(), "struct" | "enum") {
                return tokens.next().unwrap().to_string();
            }
        }
    }
    panic!("neither a struct nor an enum")
}

#[proc_macro_derive(Serialize, attributes(serde))]
pub fn serialize(input: TokenStream) -> TokenStream {
    format!("impl serde::Serialize for {} {{}}", name(input)).parse().unwrap()
}

#[proc_macro_derive(Deserialize, attributes(serde))]
pub fn deserialize(input: TokenStream) -> TokenStream {
    format!("impl<'de> serde::Deserialize<'de> for {} {{}}", name(input)).parse().unwrap()
}
