import NodeConfiguration

/// The committed documents, as the key tables make them.
enum ConfigurationDocuments {
    /// `etc/be.conf`.
    static var backendFile: String {
        BackendConfiguration.renderedFile(heading: [
            "Configuration of tabletd-be. Every key stands here with its default; take the # away to change one.",
            "One key = value a line, as in Doris' be.conf. A comment needs a line of its own. ${NAME} is replaced by a",
            "variable of the environment; ${DORIS_HOME} without one is the folder above the one this file is in.",
            "tabletd-be --config be.conf --check-config names every mistake. docs/config.md has the same as tables.",
        ])
    }

    /// `etc/fe.conf`.
    static var frontendFile: String {
        FrontendConfiguration.renderedFile(heading: [
            "Configuration of tabletd-fe. Every key stands here with its default; take the # away to change one.",
            "One key = value a line, as in Doris' fe.conf. A comment needs a line of its own. ${NAME} is replaced by a",
            "variable of the environment; ${DORIS_HOME} without one is the folder above the one this file is in.",
            "tabletd-fe --config fe.conf --check-config names every mistake. docs/config.md has the same as tables.",
        ])
    }

    /// `docs/config.md`.
    static var reference: String {
        let introduction = """
            # Configuration

            Generated from the key tables of `Sources/NodeConfiguration`: change it there, then run
            `TABLETD_WRITE_DOCUMENTS=1 swift test --filter ConfigurationDocument`.

            **Format**: one `key = value` a line, split at the first `=`. Lines that are empty or begin with `#` are skipped;
            a `#` further on belongs to the value. A value may stand in double quotes. `${NAME}` is replaced by a variable of
            the environment, and one that does not exist is an error; `${DORIS_HOME}` without a variable is the folder above
            the one that holds the file.

            **Strict**: an unknown key, a key that is set twice, and a value that is not allowed each name the file, the line,
            the key and what is allowed, and the daemon does not start. `--check-config` lists every problem and starts
            nothing. Keys of Doris that have nothing to do here are accepted and ignored with a notice, so that an existing
            file can be used; so are names in capitals (`JAVA_OPTS`), which Doris' start script reads.

            "of": Doris' keys have Doris' name, default and meaning; tabletd's are ours. "changes": a key that is marked may be
            changed while the daemon runs: by `/api/update_config` of a BE, by `ADMIN SET FRONTEND CONFIG` of an FE. A change that
            is to stay is written to a file beside the configuration, as Doris' is (`be_custom.conf` beside `be.conf`), which is
            read after it and wins over it; the command line wins over both.

            """
        return introduction + "\n"
            + BackendConfiguration.renderedMarkdown(title: "tabletd-be (`etc/be.conf`)")
            + "\n"
            + FrontendConfiguration.renderedMarkdown(title: "tabletd-fe (`etc/fe.conf`)")
    }
}
