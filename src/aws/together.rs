//! Jobs that travel together: what many steps want of the same thing at the same time goes into one request.
//!
//! While a request about a thing is under way, further jobs about it gather, and go with the next one. Nobody waits for
//! others to come: the more jobs there are and the slower the service is, the more of them a request carries.

use std::collections::{BTreeMap, VecDeque};
use std::future::Future;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::{Semaphore, oneshot};

use crate::resource::{Error, ErrorKind};

/// How much a job adds to a request, or a request takes, in each of two measures.
pub(in crate::aws) type Load = [usize; 2];

/// A load that no request is too small for.
pub(in crate::aws) const ANY: Load = [usize::MAX; 2];

/// Jobs of one kind, about many things: `J` is what a job is, `A` its answer.
pub(in crate::aws) struct Together<J, A> {
    load: fn(&J) -> Load,
    most: Load,
    /// Requests at a time, about whatever things.
    ways: Semaphore,
    lines: Mutex<BTreeMap<String, Arc<Line<J, A>>>>,
}

/// What waits for the next request about one thing.
struct Line<J, A> {
    open: Mutex<VecDeque<Waiting<J, A>>>,
    /// One request at a time.
    way: Semaphore,
}

struct Waiting<J, A> {
    job: J,
    answer: oneshot::Sender<Result<A, Error>>,
}

impl<J, A> Together<J, A> {
    /// Nobody waits yet. A request takes jobs until their loads come to `most`, and one job at least; `ways` requests
    /// are under way at a time, one for each thing.
    pub(in crate::aws) const fn new(ways: usize, load: fn(&J) -> Load, most: Load) -> Self {
        Self { load, most, ways: Semaphore::const_new(ways), lines: Mutex::new(BTreeMap::new()) }
    }

    /// Gives the answer to a job about a thing. Whoever comes to the way first sends what waits by then: `send` takes
    /// jobs and gives an answer to each, in their order.
    ///
    /// # Errors
    /// What `send` answers; or no answer, when the one who sent it has given up.
    pub(in crate::aws) async fn ask<F>(&self, about: &str, job: J, send: impl Fn(Vec<J>) -> F) -> Result<A, Error>
    where
        F: Future<Output = Vec<Result<A, Error>>>,
    {
        let line = self.line(about);
        let (answer, mut reply) = oneshot::channel();
        lock(&line.open).push_back(Waiting { job, answer });
        // Others that run now get the chance to put their jobs into the same request.
        tokio::task::yield_now().await;
        loop {
            tokio::select! {
                biased;
                answer = &mut reply => return answer.unwrap_or_else(|_| Err(given_up())),
                _one = line.way.acquire() => {
                    let _way = self.ways.acquire().await;
                    let (jobs, askers): (Vec<J>, Vec<_>) = self.next(&line).map(|one| (one.job, one.answer)).unzip();
                    // Else somebody else has sent ours.
                    if !jobs.is_empty() {
                        let answers = send(jobs).await;
                        // Who asked may have given up.
                        askers.into_iter().zip(answers).for_each(|(asker, answer)| drop(asker.send(answer)));
                    }
                }
            }
        }
    }

    fn line(&self, about: &str) -> Arc<Line<J, A>> {
        let line = || Arc::new(Line { open: Mutex::default(), way: Semaphore::new(1) });
        lock(&self.lines).entry(about.to_owned()).or_insert_with(line).clone()
    }

    /// The jobs that go with the next request.
    fn next(&self, line: &Line<J, A>) -> impl Iterator<Item = Waiting<J, A>> + use<J, A> {
        let mut open = lock(&line.open);
        let count = fitting(open.iter().map(|one| (self.load)(&one.job)), self.most);
        open.drain(..count).collect::<Vec<_>>().into_iter()
    }
}

/// How many of the first go together: at least one.
fn fitting(loads: impl Iterator<Item = Load>, most: Load) -> usize {
    let sums = loads.scan([0usize; 2], |sum, load| {
        *sum = [sum[0].saturating_add(load[0]), sum[1].saturating_add(load[1])];
        Some(*sum)
    });
    sums.enumerate().take_while(|(at, sum)| *at == 0 || (sum[0] <= most[0] && sum[1] <= most[1])).count()
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The request may have been sent, and nobody knows what became of it.
fn given_up() -> Error {
    let message = "The request that carried this was given up.";
    Error { kind: ErrorKind::NoAnswer, ..Error::local("", message) }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use futures_util::future::{join, join_all};
    use tokio::sync::Notify;

    use super::*;

    /// Asks for all of them at once; the answer to `n` is `n`. The requests, and the answers.
    async fn asked(together: &Together<u32, u32>, jobs: &[(&str, u32)]) -> (Vec<Vec<u32>>, Vec<Option<u32>>) {
        let requests = RefCell::new(Vec::new());
        let send = |jobs: Vec<u32>| {
            requests.borrow_mut().push(jobs.clone());
            async move {
                tokio::task::yield_now().await;
                jobs.into_iter().map(Ok).collect()
            }
        };
        let answers = join_all(jobs.iter().map(|(about, job)| together.ask(about, *job, send))).await;
        (requests.take(), answers.into_iter().map(Result::ok).collect())
    }

    #[tokio::test]
    async fn what_comes_at_once_goes_together_as_far_as_there_is_room() {
        let all = Together::new(5, |_| [1, 0], ANY);
        let (requests, answers) = asked(&all, &[("z", 1), ("z", 2), ("z", 3)]).await;
        assert_eq!((requests, answers), (vec![vec![1, 2, 3]], vec![Some(1), Some(2), Some(3)]));
        let pairs = Together::new(5, |_| [1, 0], [2, 0]);
        let (requests, answers) = asked(&pairs, &[("z", 1), ("z", 2), ("z", 3)]).await;
        assert_eq!((requests, answers), (vec![vec![1, 2], vec![3]], vec![Some(1), Some(2), Some(3)]));
    }

    #[tokio::test]
    async fn each_thing_has_its_own_requests() {
        for ways in [1, 5] {
            let together = Together::new(ways, |_| [1, 0], ANY);
            let (requests, answers) = asked(&together, &[("a", 1), ("b", 2), ("a", 3)]).await;
            assert_eq!((requests, answers), (vec![vec![1, 3], vec![2]], vec![Some(1), Some(2), Some(3)]));
        }
    }

    #[tokio::test]
    async fn what_comes_while_a_request_is_under_way_gathers() {
        let (together, go, requests) = (Together::new(5, |_| [1, 0], ANY), Notify::new(), RefCell::new(Vec::new()));
        let send = |jobs: Vec<u32>| {
            requests.borrow_mut().push(jobs.clone());
            let wait = jobs.contains(&1);
            let go = &go;
            async move {
                if wait {
                    go.notified().await;
                }
                jobs.into_iter().map(Ok).collect()
            }
        };
        let later = async {
            while requests.borrow().is_empty() {
                tokio::task::yield_now().await;
            }
            let others = join(together.ask("z", 2, send), together.ask("z", 3, send));
            let release = async { go.notify_one() };
            join(others, release).await
        };
        let (first, _) = join(together.ask("z", 1, send), later).await;
        assert_eq!(first.ok(), Some(1));
        assert_eq!(requests.take(), [vec![1], vec![2, 3]]);
    }

    #[tokio::test]
    async fn who_gives_up_takes_nobody_along_unheard() {
        let together: Together<u32, u32> = Together::new(5, |_| [1, 0], ANY);
        let never = |_: Vec<u32>| std::future::pending();
        let mut leader = Box::pin(together.ask("z", 1, never));
        let mut other = Box::pin(together.ask("z", 2, never));
        for _ in 0..3 {
            let _ = futures_util::poll!(&mut leader);
            let _ = futures_util::poll!(&mut other);
        }
        drop(leader);
        assert_eq!(other.await.map_err(|error| error.kind), Err(ErrorKind::NoAnswer));
    }

    #[test]
    fn a_request_has_at_least_one_job() {
        let fitting = |loads: &[Load]| fitting(loads.iter().copied(), [3, 10]);
        assert_eq!(fitting(&[]), 0);
        assert_eq!(fitting(&[[9, 0], [1, 0]]), 1);
        assert_eq!(fitting(&[[1, 1], [2, 1], [1, 1]]), 2);
        assert_eq!(fitting(&[[1, 5], [1, 6], [1, 1]]), 1);
    }
}
