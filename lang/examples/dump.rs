use moonshift_lang::bytecode::*;
fn main() {
    let path = std::env::args().nth(1).unwrap();
    let s = std::fs::read(&path).unwrap();
    let t = std::time::Instant::now();
    match moonshift_lang::compile(&s, b"=chunk") {
        Ok(p) => {
            eprintln!("{:?}", t.elapsed());
            if std::env::args().nth(2).is_none() {
                print!("{}", disassemble(&p))
            }
            if let Err(e) = verify(&p) {
                println!("VERIFY {e}");
            }
            let q = undump(&dump(&p, false)).unwrap();
            assert!(p == q);
            liveness(&p);
        }
        Err(e) => println!("{e}"),
    }
    eprintln!("{:?}", t.elapsed());
}
