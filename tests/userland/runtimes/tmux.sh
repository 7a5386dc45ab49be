# A program in a pane; it stays until all is said, for the server ends with it.
export TMUX_TMPDIR="$PWD"
tmux -f /dev/null new-session -d -s one 'echo in a pane > pane; tmux wait-for -S done; exec cat'
tmux wait-for done
cat pane
tmux list-sessions -F '#{session_name} #{session_windows}'
tmux kill-server
rm -rf tmux-*
