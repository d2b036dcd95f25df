//! Installs the modules of a stack while its configuration is loaded.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::fetch::fetch;
use super::lock::{self, Lock, Pin};
use super::registry::{Problem, Registries};
use super::{Event, Outside, Settings, files, hash};
use crate::diagnostic::Diagnostic;
use crate::lang::config::Config;
use crate::lang::files::Files;
use crate::lang::installed::{Call, Installed, Manifest, Modules, NotFound, Place, Record, data_dir};
use crate::lang::source::{Package, RegistryModule, Source};
use crate::lang::version::Version;
use crate::lang::{Loaded, clean};

/// Installs modules.
pub struct Installer<'a> {
    settings: &'a Settings,
    outside: &'a Outside,
    watch: &'a mut dyn FnMut(&Event),
    before: Installed,
    /// `.terraform/modules`.
    folder: PathBuf,
    lock: Lock,
    /// The lock as it was.
    locked: Lock,
    registries: Registries,
    /// Versions by key, for the manifest.
    versions: BTreeMap<String, Version>,
    /// What the lock must keep.
    used: BTreeSet<(String, String)>,
    /// Packages that this run checked or fetched: where they are, and the folder inside that a server named.
    here: BTreeMap<(String, String), (PathBuf, Option<String>)>,
}

/// What a call turns out to want.
struct Wanted {
    /// Address without the folder inside.
    address: String,
    version: Option<Version>,
    package: Option<Package>,
}

impl<'a> Installer<'a> {
    /// An installer for a stack whose lock file was read.
    pub fn new(settings: &'a Settings, outside: &'a Outside, lock: Lock, watch: &'a mut dyn FnMut(&Event)) -> Self {
        let files = Files::disk().with_data_dir(settings.data_dir.clone());
        Self {
            before: Installed::read(&settings.stack, &files),
            folder: data_dir(&settings.stack, settings.data_dir.as_deref()).join("modules"),
            locked: lock.clone(),
            lock,
            settings,
            outside,
            watch,
            registries: Registries::default(),
            versions: BTreeMap::new(),
            used: BTreeSet::new(),
            here: BTreeMap::new(),
        }
    }

    /// Writes down what is installed: the manifest, and the lock file if it changed.
    ///
    /// # Errors
    /// A file cannot be written, or the lock file would change and must not.
    pub fn finish(mut self, loaded: &Loaded) -> Result<(), Diagnostic> {
        let config = &loaded.config;
        let modules: Vec<Record> = (0..config.modules.len()).map(|at| self.record(config, at)).collect();
        let mut manifest = Manifest(modules.into_iter().map(|record| (record.key.clone(), record)).collect());
        if loaded.report.has_errors() {
            // Whatever else was installed is still there.
            for (key, record) in self.before.manifest().iter().flat_map(|manifest| manifest.0.iter()) {
                manifest.0.entry(key.clone()).or_insert_with(|| record.clone());
            }
        } else {
            self.lock.keep(&self.used);
        }
        let path = self.folder.join("modules.json");
        files::write(&path, manifest.text().as_bytes()).map_err(|error| unwritable(&path, &error))?;
        self.write_lock()
    }

    fn write_lock(&self) -> Result<(), Diagnostic> {
        if self.lock == self.locked {
            return Ok(());
        }
        let path = lock::path(&self.settings.stack);
        if self.settings.is_readonly {
            let text = format!(
                "The modules of this stack are not those that {} holds, and -lockfile=readonly forbids to change it.",
                path.display()
            );
            return Err(Diagnostic::error("Lock file needs to be changed", text));
        }
        match self.lock.text() {
            Some(text) => files::write(&path, text.as_bytes()),
            None => files::remove(&path),
        }
        .map_err(|error| unwritable(&path, &error))
    }

    fn record(&self, config: &Config, at: usize) -> Record {
        let module = &config.modules[at];
        let key = module.path.join(".");
        Record {
            source: module.source.as_ref().map(ToString::to_string).unwrap_or_default(),
            version: self.versions.get(&key).map(ToString::to_string),
            dir: self.relative(config, at).to_string_lossy().into_owned(),
            key,
        }
    }

    /// The folder of a module, seen from the stack's.
    fn relative(&self, config: &Config, at: usize) -> PathBuf {
        let module = &config.modules[at];
        match (&module.source, module.parent) {
            (Some(Source::Local(path)), Some(parent)) => clean(&self.relative(config, parent).join(path)),
            (Some(_), _) => module.dir.strip_prefix(&self.settings.stack).unwrap_or(&module.dir).to_owned(),
            (None, _) => PathBuf::from("."),
        }
    }

    fn install(&mut self, call: &Call<'_>) -> Result<Place, Diagnostic> {
        if !call
            .key
            .split('.')
            .all(|name| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || "_-".contains(c)))
        {
            let text = format!("\"{}\" is no name of a module, so that there is no folder for it.", call.key);
            return Err(Diagnostic::error("Invalid module instance name", text).at(call.header));
        }
        if let Some(place) = self.kept(call)? {
            return Ok(place);
        }
        let wanted = self.wanted(call)?;
        let (place, version) = (self.brought(call, &wanted)?, wanted.version);
        self.versions.extend(version.map(|version| (call.key.to_owned(), version)));
        (self.watch)(&Event::Installed(call.key.to_owned(), place.dir.clone()));
        Ok(place)
    }

    /// What is installed already, when it is still what is wanted and what the lock file says.
    fn kept(&mut self, call: &Call<'_>) -> Result<Option<Place>, Diagnostic> {
        if self.settings.is_upgrade {
            return Ok(None);
        }
        let Ok((record, place)) = self.before.record(call) else { return Ok(None) };
        let version: Option<Version> = record.version.as_deref().and_then(|version| version.parse().ok());
        if !place.dir.is_dir() {
            return Ok(None);
        }
        let (Source::Registry(..) | Source::Remote(..)) = call.source else { return Ok(None) };
        let address = address(call.source);
        if place.package.is_symlink() {
            // A folder of this machine: whatever is in it counts.
            return Ok(Some(place));
        }
        let found = hash::folder(&place.package).map_err(|error| unreadable(&place.package, &error).at(call.header))?;
        match self.lock.pin(&address, version.as_ref()) {
            Some(pin) if pin.hash == found => {}
            Some(_) => return Ok(None),
            // Another version is locked: that one is wanted.
            None if version.is_some() && self.lock.version(&address, call.version).is_some() => return Ok(None),
            // Terraform installed it, or an older glaz: from now on it is locked.
            None => self.lock.set(&address, version.as_ref(), Pin { commit: None, hash: found }),
        }
        self.used.insert(lock::key(&address, version.as_ref()));
        self.versions.extend(version.map(|version| (call.key.to_owned(), version)));
        Ok(Some(place))
    }

    /// Which version, and for packages where from.
    fn wanted(&mut self, call: &Call<'_>) -> Result<Wanted, Diagnostic> {
        let address = address(call.source);
        match call.source {
            Source::Registry(module, _) => {
                let locked = if self.settings.is_upgrade { None } else { self.lock.version(&address, call.version) };
                let version = match locked {
                    Some(version) => version,
                    None => self.newest(call, module)?,
                };
                Ok(Wanted { address, version: Some(version), package: None })
            }
            Source::Remote(package, _) => Ok(Wanted { address, version: None, package: Some(package.clone()) }),
            Source::Local(path) => Err(Diagnostic::bug(format!("The local module {path} was to be fetched"))),
        }
    }

    /// The newest version that a call allows.
    fn newest(&mut self, call: &Call<'_>, module: &RegistryModule) -> Result<Version, Diagnostic> {
        let all = self
            .registries
            .versions(module, self.outside)
            .map_err(|problem| registry_problem(call, module, None, &problem))?;
        if all.is_empty() {
            let text = format!("The registry at {} lists no version of the module {module}.", module.host);
            return Err(Diagnostic::error("Module has no versions", text).at(call.span.or(Some(call.header))));
        }
        let chosen = all
            .iter()
            .filter(|version| call.version.map_or(!version.is_prerelease(), |wanted| wanted.chooses(version)))
            .max();
        chosen.cloned().ok_or_else(|| {
            let newest = all.iter().max().map(ToString::to_string).unwrap_or_default();
            let wanted = call.version.map_or_else(|| "a released version".to_owned(), ToString::to_string);
            let text = format!(
                "No version of the module {module} satisfies \"{wanted}\". The newest one is {newest}. Change the constraint, or ask for a pre-release by its exact version."
            );
            Diagnostic::error("Unresolvable module version constraint", text).at(call.version_span.or(call.span))
        })
    }

    /// Fetches a module into its folder, or takes a copy of what another call just brought.
    fn brought(&mut self, call: &Call<'_>, wanted: &Wanted) -> Result<Place, Diagnostic> {
        let (own, key) = (self.folder.join(call.key), lock::key(&wanted.address, wanted.version.as_ref()));
        let unmade = |error: &std::io::Error| unwritable(&own, error).at(call.header);
        std::fs::create_dir_all(&self.folder).map_err(|error| unmade(&error))?;
        let named = match self.here.get(&key).cloned() {
            Some((there, named)) if there != own => {
                files::remove(&own).map_err(|error| unmade(&error))?;
                let is_link = there.is_symlink();
                let taken = if is_link { link_again(&there, &own) } else { files::copy(&there, &own) };
                taken.map_err(|error| unmade(&error))?;
                named
            }
            Some((_, named)) => named,
            None => {
                let named = self.fetched(call, wanted, &own)?;
                self.here.insert(key.clone(), (own.clone(), named.clone()));
                named
            }
        };
        if !own.is_symlink() {
            self.used.insert(key);
        }
        let dir = Self::folder_inside(call, &own, named.as_deref())?;
        Ok(Place { dir, package: own })
    }

    /// Fetches a package beside its folder, checks it against the lock, and puts it in place. Gives the folder inside that
    /// a server named.
    fn fetched(&mut self, call: &Call<'_>, wanted: &Wanted, own: &Path) -> Result<Option<String>, Diagnostic> {
        let failed = |why: &str| {
            let text =
                format!("The module \"{}\" could not be fetched from {}: {why}.", call.key, told(&wanted.address));
            Diagnostic::error("Failed to download module", text).at(call.span.or(Some(call.header)))
        };
        let version = wanted.version.as_ref();
        (self.watch)(&Event::Fetching(call.key.to_owned(), told(&wanted.address), version.map(ToString::to_string)));
        let (package, named) = self.package(call, wanted)?;
        let pin = self.lock.pin(&wanted.address, version).filter(|_| !self.settings.is_upgrade).cloned();
        let beside = tempfile::Builder::new()
            .prefix(".new-")
            .tempdir_in(&self.folder)
            .map_err(|error| unwritable(own, &error))?;
        let new = beside.path().join("package");
        // The commit is known only for repositories that the stack itself names.
        let pinned = pin.as_ref().and_then(|pin| pin.commit.as_deref()).filter(|_| wanted.package.is_some());
        let fetched = fetch(&package, pinned, &new, self.outside).map_err(|why| failed(&why))?;
        if !fetched.is_link {
            let hash = hash::folder(&new).map_err(|error| unreadable(&new, &error))?;
            if let Some(pin) = pin.filter(|pin| pin.hash != hash) {
                return Err(changed(call, wanted, &pin.hash, &hash));
            }
            let commit = fetched.commit.filter(|_| wanted.package.is_some());
            self.lock.set(&wanted.address, version, Pin { commit, hash });
        }
        files::remove(own).map_err(|error| unwritable(own, &error))?;
        std::fs::rename(&new, own).map_err(|error| unwritable(own, &error))?;
        Ok(match (named, fetched.folder) {
            (Some(named), Some(more)) => Some(format!("{more}/{named}")),
            (named, more) => named.or(more),
        })
    }

    /// The package of a call, and the folder inside that the registry named.
    fn package(&mut self, call: &Call<'_>, wanted: &Wanted) -> Result<(Package, Option<String>), Diagnostic> {
        if let Some(package) = &wanted.package {
            return Ok((package.clone(), None));
        }
        let (Source::Registry(module, _), Some(version)) = (call.source, &wanted.version) else {
            return Err(Diagnostic::bug("A module is neither a package nor in a registry"));
        };
        let location = self.registries.location(module, version, self.outside);
        let location = location.map_err(|problem| registry_problem(call, module, Some(version), &problem))?;
        match Source::parse(&location, None) {
            Ok(Source::Remote(package, folder)) if package.kind != "file" => Ok((package, folder)),
            _ => {
                let text = format!(
                    "The registry at {} names the address {}, which is none of a package.",
                    module.host,
                    crate::http::shown(&location)
                );
                Err(Diagnostic::error("Failed to download module", text).at(call.span.or(Some(call.header))))
            }
        }
    }

    /// The folder of the module inside its package. A `*` stands for the only folder there is, as in archives that hold one
    /// folder named after a commit.
    fn folder_inside(call: &Call<'_>, own: &Path, named: Option<&str>) -> Result<PathBuf, Diagnostic> {
        let mut dir = own.to_owned();
        let steps = named.into_iter().chain(call.source.folder()).flat_map(|path| path.split('/'));
        for step in steps.filter(|step| !step.is_empty()) {
            dir = if step == "*" { only_folder(&dir).unwrap_or_else(|| dir.join(step)) } else { dir.join(step) };
        }
        if dir.is_dir() {
            return Ok(dir);
        }
        let inside = dir.strip_prefix(own).unwrap_or(&dir).display();
        let text = format!(
            "The package of the module \"{}\" has no folder {inside}. Check what stands behind // in its address.",
            call.key
        );
        Err(Diagnostic::error("Unreadable module subdirectory", text).at(call.span.or(Some(call.header))))
    }
}

impl Modules for Installer<'_> {
    fn reads_on(&self) -> bool {
        true
    }

    fn unreadable(&self) -> &'static str {
        "Unreadable module directory"
    }

    fn place(&mut self, call: &Call<'_>) -> Result<Place, NotFound> {
        self.install(call).map_err(|problem| NotFound { problem: Box::new(problem), is_missing: false })
    }

    fn local(&mut self, key: &str, source: &str, dir: &Path) {
        let known = self.before.manifest().and_then(|manifest| manifest.0.get(key));
        if known.is_none_or(|record| record.source != source) && dir.is_dir() {
            (self.watch)(&Event::Local(key.to_owned(), dir.to_owned()));
        }
    }
}

/// The address without the folder inside.
fn address(source: &Source) -> String {
    match source {
        Source::Local(path) => path.clone(),
        Source::Registry(module, _) => module.to_string(),
        Source::Remote(package, _) => package.to_string(),
    }
}

/// An address for people: nothing of its query, which may hold a key, but the revision.
fn told(address: &str) -> String {
    let (_, query) = address.split_once('?').unwrap_or_default();
    let revision = query.split('&').find(|part| part.starts_with("ref="));
    crate::http::shown(address) + &revision.map(|revision| format!("?{revision}")).unwrap_or_default()
}

fn only_folder(dir: &Path) -> Option<PathBuf> {
    let mut folders = std::fs::read_dir(dir).ok()?.flatten().map(|entry| entry.path()).filter(|path| path.is_dir());
    let only = folders.next()?;
    folders.next().is_none().then_some(only)
}

fn link_again(from: &Path, to: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(std::fs::read_link(from)?, to)
}

fn registry_problem(
    call: &Call<'_>,
    module: &RegistryModule,
    version: Option<&Version>,
    problem: &Problem,
) -> Diagnostic {
    let of = version.map(|version| format!(" in version {version}")).unwrap_or_default();
    let diagnostic = match problem {
        Problem::NotFound => {
            let text = format!(
                "The registry at {} has no module {module}{of}. Check the address; for a private module a token may be needed.",
                module.host
            );
            Diagnostic::error("Module not found", text)
        }
        Problem::Other(why) => {
            let text =
                format!("The registry at {} could not be asked for the module {module}{of}: {why}.", module.host);
            Diagnostic::error("Error accessing remote module registry", text)
        }
    };
    diagnostic.at(call.span.or(Some(call.header)))
}

fn changed(call: &Call<'_>, wanted: &Wanted, locked: &str, found: &str) -> Diagnostic {
    let what = match &wanted.version {
        Some(version) => format!("version {version} of {}", wanted.address),
        None => crate::http::shown(&wanted.address),
    };
    let text = format!(
        "The content of {what} is not what it was: {} holds {locked}, and what came now has {found}. Somebody published something \
         else under the same address, or changed it on the way. Nothing was installed for it. If the change is known and \
         wanted, take it with:\n\n    glaz init -upgrade",
        lock::NAME
    );
    Diagnostic::error("Module content has changed", text).at(call.span.or(Some(call.header)))
}

fn unwritable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error("Failed to write module files", format!("{} cannot be written: {error}.", path.display()))
}

fn unreadable(path: &Path, error: &std::io::Error) -> Diagnostic {
    Diagnostic::error("Failed to read module files", format!("{} cannot be read: {error}.", path.display()))
}
