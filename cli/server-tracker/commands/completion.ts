import type { Command } from "commander";
import { CommandError, EXIT } from "../exit-codes.ts";

/** A script that completes names of commands and flags. */
export function completion(program: Command, shell: string): number {
  const words = (command: Command): string[] => [
    ...command.commands.map((inner) => inner.name()),
    ...command.options.flatMap(({ long }) => long ?? []),
  ];
  const inner = program.commands.map((command) => `    ${command.name()}) words="${words(command).join(" ")}";;`).join("\n");
  const bash = `_server_tracker() {
  local words="${words(program).join(" ")}"
  case "\${COMP_WORDS[1]}" in
${inner}
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _server_tracker server-tracker
`;
  if (shell === "bash") process.stdout.write(bash);
  else if (shell === "zsh") process.stdout.write(`autoload -U +X bashcompinit && bashcompinit\n${bash}`);
  else if (shell === "fish") {
    const lines = program.commands.map(
      (command) =>
        `complete -c server-tracker -n __fish_use_subcommand -a ${command.name()} -d '${command.description().replaceAll("'", "")}'`,
    );
    process.stdout.write(`${lines.join("\n")}\n`);
  } else throw new CommandError("completion is there for bash, zsh and fish");
  return EXIT.fine;
}
