use moonshift_lang::bytecode::Proto;
fn show(p: &Proto) {
    println!("function line {} params {} stack {}", p.line_defined, p.num_params, p.max_stack);
    for (i, c) in p.code.iter().enumerate() {
        println!("{i:4} [{}] {c:?}", p.line(i));
    }
    println!("  {:?}", p.constants);
    p.children.iter().for_each(|c| show(c));
}
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let s = std::fs::read(&path).unwrap();
    let t = std::time::Instant::now();
    match moonshift_lang::compile(&s, b"=chunk") {
        Ok(p) => if std::env::args().nth(2).is_none() { show(&p) },
        Err(e) => println!("{e}"),
    }
    eprintln!("{:?}", t.elapsed());
}
