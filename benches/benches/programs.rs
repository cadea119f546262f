//! Each program at its sample size: the plain interpreter against the JIT, both warm and in this process, and where they
//! are installed `lua5.4` and `luajit` as whole processes.

use std::hint::black_box;
use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::{BenchmarkGroup, Criterion, SamplingMode, criterion_group, criterion_main, measurement::WallTime};
use moonshift_benches::engine::Session;
use moonshift_benches::{PROGRAMS, Program};

const PEERS: [&str; 2] = ["lua5.4", "luajit"];

fn programs(criterion: &mut Criterion) {
    for program in &PROGRAMS {
        let mut group = criterion.benchmark_group(program.name);
        group.sampling_mode(SamplingMode::Flat);
        for (name, jit) in [("interpreter", false), ("jit", true)] {
            let session = Session::new(jit);
            session.silence();
            let function = session.load(program);
            group.bench_function(name, |bencher| bencher.iter(|| session.call(&function, black_box(program.sample))));
        }
        for peer in PEERS {
            bench_peer(&mut group, peer, program);
        }
        group.finish();
    }
}

fn bench_peer(group: &mut BenchmarkGroup<'_, WallTime>, peer: &str, program: &Program) {
    let run = || {
        let mut command = Command::new(peer);
        command.arg(program.path()).arg(program.sample.to_string());
        command.stdin(Stdio::null()).stdout(Stdio::null()).status()
    };
    if run().is_err() {
        return; // It is not installed.
    }
    group.bench_function(peer, |bencher| {
        bencher.iter(|| assert!(run().is_ok_and(|status| status.success()), "{peer} fails on {}", program.name));
    });
}

criterion_group! {
    name = benches;
    config = Criterion::default()
        .sample_size(10)
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_millis(1500))
        .without_plots();
    targets = programs
}
criterion_main!(benches);
