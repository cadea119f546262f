pub struct Session;
pub struct F;
impl Session {
    pub fn new(_j: bool) -> Session {
        Session
    }
    pub fn load(&self, _p: &crate::Program) -> F {
        F
    }
    pub fn call(&self, _f: &F, _s: u32) {}
    pub fn silence(&self) {}
}
