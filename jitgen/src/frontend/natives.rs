//! Rust text of the wrappers through which compiled code calls functions of the interpreter: see [`crate::abi`].
//!
//! Both wrappers of a function share a helper that takes and gives canonical slots.

use super::items::{FnId, Program};
use super::types::Type;
use crate::flow::Ty;
use std::fmt::Write;

/// The wrappers of one function.
#[derive(Clone, Debug)]
pub struct Wrapper {
    /// `name` or `Type::name`.
    pub name: String,
    /// Names of the two functions in `text`.
    pub direct: String,
    pub buffered: String,
    pub text: String,
}

pub fn wrapper(program: &Program, id: FnId, index: usize) -> Result<Wrapper, String> {
    let def = &program.fns[id];
    if let Some(why) = def.refused {
        return Err(format!("`{}` cannot be called: {why}", def.name));
    }
    let mut params: Vec<Ty> = vec![];
    let mut args = vec![];
    for param in &def.params {
        let mut slots = (params.len()..).map(|slot| format!("a{slot}"));
        args.push(build(program, &param.ty, &mut slots)?);
        params.extend(program.flatten(&param.ty)?.iter().map(|part| part.ty));
    }
    let results: Vec<Ty> = program.flatten(&def.ret)?.iter().map(|part| part.ty).collect();
    let count = results.len();
    let (direct, buffered) = (format!("n{index}_direct"), format!("n{index}_buffered"));

    let mut text = format!("// {}\n", def.name);
    let slots: String = (0..params.len()).map(|slot| format!("a{slot}: u64, ")).collect();
    let call = format!("{}({})", def.path, args.join(", "));
    let call = if def.is_unsafe { format!("unsafe {{ {call} }}") } else { call };
    let mut out = String::new();
    take_apart(program, &def.ret, "v", &mut 0, &mut 0, &mut out)?;
    let _ = write!(
        text,
        "#[allow(clippy::all, unused)]\n#[inline(always)]\nfn n{index}(r: &mut [u64; {count}], {slots}) {{\n    let v = {call};\n    let _ = &v;\n    {out}\n}}\n"
    );

    let natural = |ty: Ty| match ty {
        Ty::Bool | Ty::I8 => "u8",
        Ty::I16 => "u16",
        Ty::I32 => "u32",
        Ty::I64 => "u64",
        Ty::F64 => "f64",
        Ty::Ptr | Ty::Ref => "usize",
    };
    let mut declared: String =
        params.iter().enumerate().map(|(slot, &ty)| format!("p{slot}: {}, ", natural(ty))).collect();
    let passed = params.iter().enumerate().map(|(slot, &ty)| match ty {
        Ty::F64 => format!("p{slot}.to_bits()"),
        Ty::I64 => format!("p{slot}"),
        _ => format!("p{slot} as u64"),
    });
    let passed: String = passed.map(|arg| format!(", {arg}")).collect();
    let (ret, value) = match results[..] {
        [] => (String::new(), String::new()),
        [Ty::F64] => (" -> f64".into(), "f64::from_bits(r[0])".into()),
        [Ty::I64] => (" -> u64".into(), "r[0]".into()),
        [ty] => (format!(" -> {}", natural(ty)), format!("r[0] as {}", natural(ty))),
        [_, _] => (" -> Pair".into(), "Pair { a: r[0], b: r[1] }".into()),
        _ => {
            declared.insert_str(0, "out: *mut u64, ");
            (String::new(), format!("unsafe {{ *out.cast::<[u64; {count}]>() = r }}"))
        }
    };
    let _ = write!(
        text,
        "extern \"C\" fn {direct}({declared}){ret} {{\n    let mut r = [0; {count}];\n    n{index}(&mut r{passed});\n    {value}\n}}\n"
    );
    let loaded: String = (0..params.len()).map(|slot| format!(", unsafe {{ *args.add({slot}) }}")).collect();
    let _ = write!(
        text,
        "unsafe extern \"C\" fn {buffered}(args: *const u64, results: *mut u64) {{\n    let mut r = [0; {count}];\n    \
         n{index}(&mut r{loaded});\n    unsafe {{ *results.cast::<[u64; {count}]>() = r }}\n}}\n"
    );
    Ok(Wrapper { name: def.name.clone(), direct, buffered, text })
}

/// An expression that builds a value from its slots.
fn build(program: &Program, ty: &Type, slots: &mut dyn Iterator<Item = String>) -> Result<String, String> {
    let mut slot = || slots.next().expect("slots are endless");
    Ok(match ty {
        Type::Bool => format!("({} != 0)", slot()),
        Type::Int(int) => format!("({} as {})", slot(), int.name()),
        Type::F64 => format!("f64::from_bits({})", slot()),
        Type::Ref(to) => format!("unsafe {{ mem::Ref::<{}>::from_addr({}) }}", program.rust_type(to), slot()),
        Type::Arr(of) => {
            format!("unsafe {{ mem::Arr::<{}>::from_ptr({} as usize as *mut _) }}", program.rust_type(of), slot())
        }
        Type::Borrow(to) => {
            format!("unsafe {{ &*({} as usize as *const {}) }}", slot(), program.rust_type(to))
        }
        Type::Tuple(of) => {
            let mut text = String::from("(");
            for ty in of {
                let _ = write!(text, "{}, ", build(program, ty, slots)?);
            }
            text + ")"
        }
        Type::Struct(_) => {
            format!("{} {{ {} }}", program.rust_type(ty), build_fields(program, &program.fields(ty), slots)?)
        }
        Type::Option(of) => {
            let some = slot();
            format!("if {some} != 0 {{ Some({}) }} else {{ None }}", build(program, of, slots)?)
        }
        Type::Result(ok, err) => {
            let failed = slot();
            let ok = build(program, ok, slots)?;
            format!("if {failed} == 0 {{ Ok({ok}) }} else {{ Err({}) }}", build(program, err, slots)?)
        }
        Type::Enum(id) => {
            let def = &program.enums[id.0];
            let mut text = format!("match {} {{ ", slot());
            for (index, variant) in def.variants.iter().enumerate() {
                let tag = if def.is_c_like() { variant.discriminant as u8 as u64 } else { index as u64 };
                let fields = build_fields(program, &variant.fields, slots)?;
                let _ = write!(text, "{tag} => {}::{} {{ {fields} }}, ", def.path, variant.name);
            }
            text + "_ => unreachable!(\"no such variant\") }"
        }
        ty => return Err(format!("`{}` cannot be passed from compiled code", program.type_name(ty))),
    })
}

fn build_fields(
    program: &Program,
    fields: &[(String, Type)],
    slots: &mut dyn Iterator<Item = String>,
) -> Result<String, String> {
    let mut text = String::new();
    for (name, ty) in fields {
        let _ = write!(text, "{name}: {}, ", build(program, ty, slots)?);
    }
    Ok(text)
}

/// Statements that write the slots of a value to `r`, from slot `at`; those of absent variants stay zero.
fn take_apart(
    program: &Program,
    ty: &Type,
    value: &str,
    at: &mut usize,
    names: &mut usize,
    out: &mut String,
) -> Result<(), String> {
    let scalar = |at: &mut usize, out: &mut String, text: String| {
        let _ = write!(out, "r[{at}] = {text}; ");
        *at += 1;
    };
    match ty {
        Type::Never => {}
        Type::Bool => scalar(at, out, format!("{value} as u64")),
        Type::Int(int) => {
            let unsigned = match int.ty() {
                Ty::I8 => "u8 as u64",
                Ty::I16 => "u16 as u64",
                Ty::I32 => "u32 as u64",
                _ => "u64",
            };
            scalar(at, out, format!("{value} as {unsigned}"));
        }
        Type::F64 => scalar(at, out, format!("{value}.to_bits()")),
        Type::Ref(_) | Type::Arr(_) => scalar(at, out, format!("{value}.addr()")),
        Type::Borrow(_) => scalar(at, out, format!("core::ptr::from_ref({value}) as usize as u64")),
        Type::Tuple(_) | Type::Struct(_) => {
            for (name, ty) in program.fields(ty) {
                take_apart(program, &ty, &format!("{value}.{name}"), at, names, out)?;
            }
        }
        Type::Option(of) => {
            let inner = fresh(names);
            let _ = write!(out, "if let Some({inner}) = {value} {{ ");
            scalar(at, out, "1".into());
            take_apart(program, of, &inner, at, names, out)?;
            out.push_str("} ");
        }
        Type::Result(ok, err) => {
            let (good, bad) = (fresh(names), fresh(names));
            let tag = *at;
            *at += 1;
            let _ = write!(out, "match {value} {{ Ok({good}) => {{ let _ = &{good}; ");
            take_apart(program, ok, &good, at, names, out)?;
            let _ = write!(out, "}} Err({bad}) => {{ let _ = &{bad}; r[{tag}] = 1; ");
            take_apart(program, err, &bad, at, names, out)?;
            out.push_str("} } ");
        }
        Type::Enum(id) if program.enums[id.0].is_c_like() => scalar(at, out, format!("{value} as i8 as u8 as u64")),
        Type::Enum(id) => {
            let tag = *at;
            *at += 1;
            let _ = write!(out, "match {value} {{ ");
            let def = &program.enums[id.0];
            for (index, variant) in def.variants.iter().enumerate() {
                let bound: Vec<String> = variant.fields.iter().map(|_| fresh(names)).collect();
                let pairs = variant.fields.iter().zip(&bound);
                let pattern: String = pairs.clone().map(|((name, _), bound)| format!("{name}: {bound}, ")).collect();
                let _ = write!(out, "{}::{} {{ {pattern}}} => {{ r[{tag}] = {index}; ", def.path, variant.name);
                for ((_, ty), bound) in pairs {
                    take_apart(program, ty, bound, at, names, out)?;
                }
                out.push_str("} ");
            }
            out.push_str("} ");
        }
        ty => return Err(format!("`{}` cannot be returned to compiled code", program.type_name(ty))),
    }
    Ok(())
}

fn fresh(names: &mut usize) -> String {
    *names += 1;
    format!("v{names}")
}
