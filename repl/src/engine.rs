use crate::options::Options;
use crate::source::Source;
use std::ffi::OsString;
pub struct Engine {}
pub struct Chunk;
pub struct Failure {
    pub message: Vec<u8>,
    pub incomplete: bool,
}
impl Failure {
    pub fn new(message: Vec<u8>) -> Failure {
        Failure { message, incomplete: false }
    }
}
pub type Value = ();
impl Engine {
    pub fn new(_o: &Options) -> Result<Engine, Failure> {
        Ok(Engine {})
    }
    pub fn finish(&self) {}
    pub fn set_arguments(&self, _a: &[OsString], _o: usize) -> Result<(), Failure> {
        Ok(())
    }
    pub fn warnings_on(&self) -> Result<(), Failure> {
        Ok(())
    }
    pub fn require(&self, _m: &[u8], _n: &[u8]) -> Result<(), Failure> {
        Ok(())
    }
    pub fn load(&self, _s: &Source) -> Result<Chunk, Failure> {
        Ok(Chunk)
    }
    pub fn call(&self, _c: &Chunk, _a: Vec<Value>) -> Result<Vec<Value>, Failure> {
        Ok(vec![])
    }
    pub fn dump_only(&self, _s: &Source) -> Result<bool, Failure> {
        Ok(false)
    }
    pub fn script_arguments(&self) -> Result<Vec<Value>, Failure> {
        Ok(vec![])
    }
    pub fn print(&self, _v: Vec<Value>) -> Result<(), Failure> {
        Ok(())
    }
    pub fn prompt(&self, first: bool) -> Vec<u8> {
        if first { b"> ".to_vec() } else { b">> ".to_vec() }
    }
}
