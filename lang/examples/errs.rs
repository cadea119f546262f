use std::io::Read;
fn main() {
    let mut s = Vec::new();
    std::io::stdin().read_to_end(&mut s).unwrap();
    for part in s.split(|c| *c == 0xff) {
        let (name, src) = part.split_at(part.iter().position(|c| *c == 0xfe).unwrap_or(0));
        match moonshift_lang::compile(&src[1.min(src.len())..], name) {
            Ok(_) => println!("nil"),
            Err(e) => println!("{e}"),
        }
    }
}
